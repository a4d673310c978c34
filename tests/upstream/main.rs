//! OpenAI and Anthropic inside a test cluster: one program that answers with recordings, as a pod.
//!
//! `/openai/...` and `/anthropic/...` are the providers. How one answers from now on is set by `POST /behave/PROVIDER`
//! (see [`Behaviour`]), `GET /calls` says what it was asked, and `POST /reset` makes all as at the start. An answer
//! says in `x-saw-key` with which key it was asked, so that a test knows which one is in use.

mod answers;
mod behaviour;
mod calls;
mod paced;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::routing::{get, post};
use clap::Parser;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::answers::Answers;
use crate::behaviour::Behaviours;
use crate::calls::Calls;

/// Answers as OpenAI and Anthropic do
#[derive(Debug, Parser)]
#[command(version)]
struct Flags {
    /// Where calls are taken
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8080")]
    listen: SocketAddr,
}

/// What all calls share.
struct State {
    answers: Answers,
    behaviours: Behaviours,
    calls: Calls,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let Flags { listen } = Flags::parse();
    // The first process of a container gets no signal that it does not catch.
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind(listen).await?;
    tokio::select! {
        served = axum::serve(listener, router()?) => Ok(served?),
        _ = terminate.recv() => Ok(()),
    }
}

fn router() -> Result<Router> {
    let state = State { answers: Answers::read()?, behaviours: Behaviours::default(), calls: Calls::default() };
    Ok(Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/behave/{provider}", post(behaviour::behave))
        .route("/calls", get(calls::calls))
        .route("/reset", post(behaviour::reset))
        .route("/{provider}/{*endpoint}", post(answers::answer))
        .with_state(Arc::new(state)))
}
