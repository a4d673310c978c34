//! One client connection, from the first byte to the last; the socket that it was upgraded to, too.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use hyper::server::conn::http1::{self, Parts};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::client::{Client, ClientStream};
use super::worker::Worker;
use crate::bounds;
use crate::pipeline;

/// Serves a connection until either side ends it, or the tick does.
pub(crate) async fn serve(worker: Rc<Worker>, stream: TcpStream) {
    let client = Client::new(worker.ticks.clone());
    let enlisted = worker.enlist(&client);
    let service = service_fn(|request| pipeline::handle(Rc::clone(&worker), Rc::clone(&client), request));
    let io = TokioIo::new(ClientStream { stream, client: Rc::clone(&client) });
    let mut serving = http1::Builder::new()
        .half_close(false)
        .max_headers(bounds::HEADERS)
        .max_buf_size(bounds::BUFFER_BYTES)
        .serve_connection(io, service);
    let mut is_closing = false;
    let ended = poll_fn(|context| {
        if client.ended().is_some() {
            return Poll::Ready(Ok(()));
        }
        client.is_polled_by(context);
        // Others end with their next answer, which announces it.
        if !is_closing && worker.shared.phase.is_closing() && client.is_quiet() {
            is_closing = true;
            Pin::new(&mut serving).graceful_shutdown();
        }
        Pin::new(&mut serving).poll(context)
    })
    .await;
    if ended.is_err_and(|error| error.is_parse() || error.is_parse_too_large()) {
        worker.shared.metrics.refused_head();
    } else if let Some(tunnel) = client.tunnel() {
        let Parts { io, read_buf, .. } = serving.into_parts();
        tunnel.run(io.into_inner(), read_buf, &client).await;
    }
    drop(enlisted);
}
