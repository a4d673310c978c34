//! What a proxy says that it runs: one question to its admin port, which is never waited for longer than half a second.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::facts::Said;

/// How long a proxy has to answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// How much a proxy may say.
const MAX_BYTES: usize = 1024 * 1024;

/// Why there is no answer, as a status says it.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The pod's address can't be read.
    #[error("it has no address")]
    NoAddress,
    /// It takes no connection.
    #[error("it takes no connection: {0}")]
    Connect(#[from] std::io::Error),
    /// It ended the connection, or is no HTTP server.
    #[error("it breaks off: {0}")]
    Http(#[from] hyper::Error),
    /// It said too much, or broke off in the middle.
    #[error("its answer can't be read to the end")]
    Body,
    /// It says no.
    #[error("it answers {0}")]
    Status(StatusCode),
    /// What it says is not what a proxy says.
    #[error("its answer is not a proxy's")]
    Unknown,
    /// It says nothing.
    #[error("no answer within {} ms", PATIENCE.as_millis())]
    Late,
}

/// `/status` of a proxy.
#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    gateways: Vec<Line>,
    version: Option<String>,
}

/// What it says of one gateway.
#[derive(Deserialize)]
struct Line {
    folder: String,
    #[serde(flatten)]
    said: Said,
}

/// Asks the proxy at that address what it runs of the gateway of that name.
///
/// # Errors
/// There is no answer, or none of a proxy's.
pub async fn ask(ip: &str, port: i32, gateway: &str) -> Result<Said, NoAnswer> {
    let address: IpAddr = ip.parse().map_err(|_| NoAnswer::NoAddress)?;
    let port = u16::try_from(port).map_err(|_| NoAnswer::NoAddress)?;
    let body = timeout(PATIENCE, get(SocketAddr::new(address, port))).await.map_err(|_| NoAnswer::Late)??;
    let Status { gateways, version } = serde_json::from_slice(&body).map_err(|_| NoAnswer::Unknown)?;
    let said = gateways.into_iter().find(|line| line.folder == gateway).map(|line| line.said).unwrap_or_default();
    Ok(Said { version: said.version.or(version), ..said })
}

/// One request on a connection of its own: none is kept to a pod that may be gone the next time.
async fn get(address: SocketAddr) -> Result<Bytes, NoAnswer> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get("/status").header(header::HOST, address.to_string()).header(header::CONNECTION, "close");
    let request = request.body(Empty::<Bytes>::new()).map_err(|_| NoAnswer::Unknown)?;
    let answer = async {
        let answer = sender.send_request(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(NoAnswer::Status(answer.status()));
        }
        let body = Limited::new(answer.into_body(), MAX_BYTES).collect().await.map_err(|_| NoAnswer::Body)?;
        Ok(body.to_bytes())
    };
    tokio::pin!(answer, connection);
    tokio::select! {
        answer = &mut answer => answer,
        // What was said before the connection ended is still to be read.
        ended = &mut connection => { ended?; answer.await }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::Router;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;

    /// What is heard of a proxy that serves `router`.
    async fn heard(router: Router) -> Result<Said, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port().into();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let heard = ask("127.0.0.1", port, "production").await.map_err(|error| error.to_string());
        serving.abort();
        heard
    }

    fn says(body: &'static str) -> Router {
        Router::new().route("/status", get(move || async move { body }))
    }

    #[tokio::test]
    async fn the_line_of_the_gateways_folder_is_what_it_says() {
        let status = r#"{"version": "0.1.0", "gateways": [{"folder": "other", "configHash": "b"}, {"folder": "production",
            "uid": "u", "generation": 7, "configHash": "a", "secretsHash": "s", "proxies": 2, "lastError": null,
            "stale": [], "providers": [{"name": "openai", "credential": "present", "health": "Healthy", "new": 1}],
            "draining": false, "unheard": {}}]}"#;
        let said = heard(says(status)).await.unwrap();
        assert_eq!((said.uid.as_deref(), said.generation, said.proxies), (Some("u"), Some(7), Some(2)));
        assert_eq!((said.config_hash.as_deref(), said.secrets_hash.as_deref()), (Some("a"), Some("s")));
        assert_eq!((said.version.as_deref(), said.providers.len()), (Some("0.1.0"), 1));
    }

    #[tokio::test]
    async fn a_proxy_that_knows_nothing_of_the_gateway_says_so_too() {
        assert_eq!(heard(says(r#"{"gateways": []}"#)).await, Ok(Said::default()));
    }

    #[tokio::test]
    async fn what_is_no_answer_is_named() {
        let check = async |router: Router, expected: &str| assert_eq!(heard(router).await, Err(expected.to_owned()));
        check(says("<html>"), "its answer is not a proxy's").await;
        check(Router::new(), "it answers 404 Not Found").await;
        let silent = Router::new().route("/status", get(|| async { pending::<String>().await }));
        check(silent, "no answer within 500 ms").await;
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port().into();
        assert!(matches!(ask("127.0.0.1", nobody, "production").await, Err(NoAnswer::Connect(_))));
        assert!(matches!(ask("nowhere", 1, "production").await, Err(NoAnswer::NoAddress)));
    }
}
