//! Simulated providers on a loopback port of their own, so that everything can be tried with no key and no network.
//!
//! They speak the wire formats of OpenAI, Anthropic, Bedrock, Gemini, Cohere, Workers AI, Hugging Face and Replicate, and
//! say clearly that they are simulated. They are no models, and no test doubles: what a real provider answers to an odd
//! call is not here.

mod answer;
mod anthropic;
mod bedrock;
mod call;
mod called;
mod cohere;
mod gemini;
mod openai_chat;
mod openai_other;
mod openai_responses;
mod reply;
pub(crate) mod rule;
mod server;
mod tasks;
mod told;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use aigateway_config::catalog::Api;
use aigateway_config::provider::ProviderType;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use self::rule::Rules;

/// The running simulation; it stops when dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Simulator {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts it on a free port, in a thread of its own: what it costs is not the proxy's.
    ///
    /// # Errors
    /// When there is no port or no thread to be had.
    pub(crate) fn start(rules: Rules) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener);
                let served = async { server::run(listener?, rules).await };
                tokio::select! {
                    Err(error) = served => tracing::error!(%error, "the simulated providers stopped"),
                    _ = stopped => {}
                }
            });
        };
        let thread = thread::Builder::new().name("simulate".into()).spawn(serve)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL of a provider, written as that provider's SDK takes it.
    pub(crate) fn base_url(&self, provider: &str, kind: ProviderType) -> String {
        let origin = format!("http://{}/{provider}", self.address);
        let path = kind.facts().base_url.and_then(|url| url.splitn(4, '/').nth(3));
        match path {
            Some(path) => format!("{origin}/{path}"),
            None if kind.facts().api == Api::OpenAi => format!("{origin}/v1"),
            None => origin,
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the simulated providers panicked");
        }
    }
}

#[cfg(test)]
mod tests;
