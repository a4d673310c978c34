//! A request of a well-behaved client.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use http_body_util::Full;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::client::reply::Reply;
use crate::wait::within;

/// A request that is not sent yet.
#[derive(Clone, Debug)]
pub struct Request {
    to: SocketAddr,
    method: Method,
    target: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// One kept-alive connection to the proxy.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Request {
    /// A request for `target`, path and query, of the server at `to`.
    pub fn new(to: SocketAddr, method: &str, target: impl Into<String>) -> Self {
        let method = method.parse().unwrap();
        Self { to, method, target: target.into(), headers: Vec::new(), body: Bytes::new() }
    }

    /// The server that it is for.
    pub fn address(&self) -> SocketAddr {
        self.to
    }

    /// With this header, beside any others of that name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// From this user, where the gateway knows users by `x-user-id`.
    #[must_use]
    pub fn user(self, name: &str) -> Self {
        self.header("x-user-id", name)
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// With this body and its content type.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Sends it on a connection of its own and waits for the head of the answer.
    pub async fn send(self) -> Reply {
        let mut connection = Connection::open(self.to).await;
        connection.send(self).await
    }

    fn into_http(self) -> http::Request<Full<Bytes>> {
        let mut request = http::Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.target.parse().unwrap();
        let headers = request.headers_mut();
        headers.insert("host", HeaderValue::from_str(&self.to.to_string()).unwrap());
        for (name, value) in self.headers {
            headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(&value).unwrap());
        }
        request
    }
}

impl Connection {
    /// Connects to the server at `to`.
    pub async fn open(to: SocketAddr) -> Self {
        let stream = within("a connection to the proxy", TcpStream::connect(to)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self { sender }
    }

    /// Sends one request, when the one before is done, and waits for the head of its answer.
    pub async fn send(&mut self, request: Request) -> Reply {
        let what = format!("the head of the answer to {} {}", request.method, request.target);
        within(&what, self.try_send(request)).await.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// The same, where the server may have closed the connection.
    ///
    /// # Errors
    /// The connection was closed, or what came was no answer.
    pub async fn try_send(&mut self, request: Request) -> Result<Reply, hyper::Error> {
        self.sender.ready().await?;
        self.sender.send_request(request.into_http()).await.map(Reply::new)
    }
}
