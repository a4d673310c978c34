//! The load generator: a fixed number of connections on one thread, every answer checked.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::http1::{Connection, Timing};

/// Numbers every request of the run, so that no two have one body.
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// What is sent where, and what must come back.
#[derive(Clone, Debug)]
pub(crate) struct Aim {
    /// The server.
    pub(crate) address: SocketAddr,
    /// The request, head and body.
    pub(crate) request: Vec<u8>,
    /// Where the sixteen digits of its number stand; `None`: every request is the same.
    pub(crate) number: Option<usize>,
    /// What must come back.
    pub(crate) expected: Expected,
}

/// What an answer's body must be.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// These bytes.
    Exactly(Vec<u8>),
    /// Something that holds each of these.
    Holding(Vec<&'static str>),
}

/// How requests follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// Each connection asks again as soon as it has its answer.
    Closed {
        /// Connections.
        connections: u32,
    },
    /// Requests go out by the clock, whether or not those before are answered.
    Open {
        /// Requests a second, over all connections.
        per_second: u32,
        /// Connections; each has its share of the requests.
        connections: u32,
    },
}

/// How long a load runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// Not counted.
    pub(crate) warm_up: Duration,
    /// Counted.
    pub(crate) measured: Duration,
}

/// What was seen in a window; `P` is what the caller probes at its two ends.
pub(crate) struct Seen<P> {
    /// The probe when the warm-up ended.
    pub(crate) before: P,
    /// The probe when the window ended.
    pub(crate) after: P,
    /// The time between the probes.
    pub(crate) elapsed: Duration,
    /// The answers that ended between the probes.
    pub(crate) timings: Vec<Timing>,
    /// All answers, those of the warm-up and after the window too.
    pub(crate) answers: u64,
}

/// Runs a load.
///
/// # Errors
///
/// The first answer that is wrong, cut or missing, and a window without any answer.
pub(crate) async fn run<P>(aim: &Aim, load: Load, window: Window, probe: impl Fn() -> Result<P>) -> Result<Seen<P>> {
    let meter = Rc::new(Meter::default());
    let local = tokio::task::LocalSet::new();
    let connections = load.connections();
    let tasks: Vec<_> = (0..connections)
        .map(|index| local.spawn_local(ask_until_stopped(aim.clone(), load.schedule(index), Rc::clone(&meter))))
        .collect();
    let (before, after, elapsed) = local
        .run_until(async {
            tokio::time::sleep(window.warm_up).await;
            let (before, start) = (probe()?, Instant::now());
            meter.recording.set(true);
            tokio::time::sleep(window.measured).await;
            meter.recording.set(false);
            let (after, elapsed) = (probe()?, start.elapsed());
            meter.stopped.set(true);
            anyhow::Ok((before, after, elapsed))
        })
        .await?;
    for task in tasks {
        local.run_until(task).await??;
    }
    let timings = meter.timings.take();
    ensure!(!timings.is_empty(), "no answer in {:?}", window.measured);
    Ok(Seen { before, after, elapsed, timings, answers: meter.answers.get() })
}

/// Asks once, so that what can be stored is.
pub(crate) async fn once(aim: &Aim) -> Result<()> {
    let mut connection = Connection::open(aim.address).await?;
    connection.exchange(&aim.request).await?;
    aim.check(&connection)
}

impl Load {
    fn connections(self) -> u32 {
        match self {
            Self::Closed { connections } | Self::Open { connections, .. } => connections,
        }
    }

    /// When a connection asks: its first time and the time between, or `None` for as soon as it can.
    fn schedule(self, index: u32) -> Option<(Duration, Duration)> {
        match self {
            Self::Closed { .. } => None,
            Self::Open { per_second, connections } => {
                let step = Duration::from_secs(1) / per_second;
                Some((step * index, step * connections))
            }
        }
    }
}

impl Aim {
    fn check(&self, connection: &Connection) -> Result<()> {
        let body = &connection.body;
        let text = || String::from_utf8_lossy(body).chars().take(300).collect::<String>();
        ensure!(connection.status == 200, "status {} from {}: {}", connection.status, self.address, text());
        let right = match &self.expected {
            Expected::Exactly(bytes) => bytes == body,
            Expected::Holding(parts) => parts.iter().all(|part| holds(body, part.as_bytes())),
        };
        ensure!(right, "a wrong answer of {} bytes from {}: {}", body.len(), self.address, text());
        Ok(())
    }
}

fn holds(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

/// What the connections of a run share; all on one thread.
#[derive(Default)]
struct Meter {
    recording: Cell<bool>,
    stopped: Cell<bool>,
    answers: Cell<u64>,
    timings: RefCell<Vec<Timing>>,
}

async fn ask_until_stopped(mut aim: Aim, schedule: Option<(Duration, Duration)>, meter: Rc<Meter>) -> Result<()> {
    let mut connection = Connection::open(aim.address).await?;
    let start = Instant::now();
    let mut due = schedule.map(|(first, _)| first);
    while !meter.stopped.get() {
        if let (Some(at), Some((_, period))) = (due, schedule) {
            tokio::time::sleep((start + at).saturating_duration_since(Instant::now())).await;
            due = Some(at + period);
        }
        aim.renumber();
        let timing = connection.exchange(&aim.request).await.with_context(|| format!("asking {}", aim.address))?;
        aim.check(&connection)?;
        meter.answers.set(meter.answers.get() + 1);
        if meter.recording.get() {
            meter.timings.borrow_mut().push(timing);
        }
        if connection.closing {
            connection = Connection::open(aim.address).await?;
        }
    }
    Ok(())
}

impl Aim {
    /// Gives the request the next number.
    fn renumber(&mut self) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let Some(at) = self.number else { return };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (index, byte) in number.into_iter().enumerate() {
            self.request[at + 2 * index] = DIGITS[usize::from(byte >> 4)];
            self.request[at + 2 * index + 1] = DIGITS[usize::from(byte & 15)];
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn aim(number: Option<usize>) -> Aim {
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        Aim { address, request: vec![b'.'; 20], number, expected: Expected::Exactly(Vec::new()) }
    }

    #[test]
    fn a_numbered_request_is_never_sent_twice() {
        let mut numbered = aim(Some(2));
        numbered.renumber();
        let first = numbered.request.clone();
        numbered.renumber();
        assert_ne!(numbered.request, first);
        assert_eq!((&first[..2], &first[18..]), (b"..".as_slice(), b"..".as_slice()));
        assert!(first[2..18].iter().all(u8::is_ascii_hexdigit));
    }

    #[test]
    fn an_open_load_spreads_its_connections_over_the_period() {
        let load = Load::Open { per_second: 500, connections: 10 };
        let check = |index, first| {
            assert_eq!(load.schedule(index), Some((Duration::from_millis(first), Duration::from_millis(20))));
        };
        check(0, 0);
        check(9, 18);
        assert_eq!(Load::Closed { connections: 64 }.schedule(3), None);
    }

    /// What a load makes of a server that gives one answer.
    async fn against(answer: &'static str, expected: &str) -> Result<u64> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let expected = Expected::Exactly(expected.as_bytes().to_vec());
        let aim = Aim { address: listener.local_addr()?, expected, ..aim(None) };
        let serve = async {
            let (mut stream, _) = listener.accept().await?;
            while stream.read(&mut [0; 20]).await? > 0 {
                stream.write_all(answer.as_bytes()).await?;
            }
            anyhow::Ok(())
        };
        let window = Window { warm_up: Duration::ZERO, measured: Duration::from_millis(50) };
        let (served, seen) = tokio::join!(serve, run(&aim, Load::Closed { connections: 1 }, window, || Ok(())));
        let seen = seen?;
        served?;
        Ok(seen.answers)
    }

    #[tokio::test]
    async fn only_right_answers_count() {
        let right = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab";
        assert!(against(right, "ab").await.unwrap() > 0);
        assert!(against(right, "ac").await.unwrap_err().to_string().contains("wrong answer"));
        let refused = "HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\nab";
        assert!(against(refused, "ab").await.unwrap_err().to_string().contains("status 500"));
    }

    #[tokio::test]
    async fn a_window_without_an_answer_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let deaf = Aim { address: listener.local_addr().unwrap(), ..aim(None) };
        let window = Window { warm_up: Duration::ZERO, measured: Duration::ZERO };
        drop(listener);
        assert!(run(&deaf, Load::Closed { connections: 1 }, window, || Ok(())).await.is_err());
    }
}
