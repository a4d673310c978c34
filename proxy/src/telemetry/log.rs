//! The log of records: a thread of its own writes what workers hand to it.
//!
//! What waits is bounded in bytes. Where the output does not keep up, whole batches of lines are dropped, and the
//! records among them counted: no request ever waits for the log.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use bytes::Bytes;

/// How many bytes may wait to be written.
pub const MAX_WAITING_BYTES: usize = 8 * 1024 * 1024;

/// Where lines are handed in; each worker has one.
#[derive(Clone, Debug)]
pub struct Log {
    sender: Sender<Message>,
    shared: Arc<Shared>,
}

/// The thread that writes.
#[derive(Debug)]
pub struct LogWriter {
    sender: Sender<Message>,
    ended: Receiver<()>,
}

#[derive(Debug)]
struct Shared {
    waiting_bytes: AtomicUsize,
    max_waiting_bytes: usize,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Message {
    Lines { lines: Bytes, records: u64 },
    End,
}

/// Starts a thread that writes to `output`. `dropped` counts the records that were not written.
///
/// # Errors
/// The system gives no thread.
pub fn start(
    output: Box<dyn Write + Send>,
    max_waiting_bytes: usize,
    dropped: Arc<AtomicU64>,
) -> io::Result<(Log, LogWriter)> {
    let (sender, messages) = channel();
    let (end, ended) = channel();
    let shared = Arc::new(Shared { waiting_bytes: AtomicUsize::new(0), max_waiting_bytes, dropped });
    let log = Log { sender: sender.clone(), shared: Arc::clone(&shared) };
    thread::Builder::new().name("log".into()).spawn(move || {
        write_all(output, messages, &shared);
        // Nobody listens where the end is not waited for.
        let _ = end.send(());
    })?;
    Ok((log, LogWriter { sender, ended }))
}

/// Takes the messages, so that what comes after the end is not taken for handed in.
fn write_all(mut output: Box<dyn Write + Send>, messages: Receiver<Message>, shared: &Shared) {
    for message in messages {
        let (lines, records) = match message {
            Message::Lines { lines, records } => (lines, records),
            Message::End => break,
        };
        let written = output.write_all(&lines).and_then(|()| output.flush());
        shared.waiting_bytes.fetch_sub(lines.len(), Ordering::Relaxed);
        if written.is_err() {
            shared.dropped.fetch_add(records, Ordering::Relaxed);
        }
    }
}

impl Log {
    /// Hands whole lines in, or drops them where too much waits.
    pub fn send(&self, lines: Bytes, records: u64) {
        let Shared { waiting_bytes, max_waiting_bytes, dropped } = &*self.shared;
        let bytes = lines.len();
        let waiting = waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let is_room = waiting + bytes <= *max_waiting_bytes;
        if !is_room || self.sender.send(Message::Lines { lines, records }).is_err() {
            waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            dropped.fetch_add(records, Ordering::Relaxed);
        }
    }
}

impl LogWriter {
    /// Ends the thread when it has written what was handed in before; false where that takes longer than `within`.
    pub fn end(self, within: Duration) -> bool {
        self.sender.send(Message::End).is_ok() && self.ended.recv_timeout(within).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    const LONG: Duration = Duration::from_secs(10);

    /// Writes to a shared vector, each write only when it is let.
    struct Gated {
        written: Arc<Mutex<Vec<u8>>>,
        gate: Receiver<io::Result<()>>,
    }

    impl Write for Gated {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.gate.recv().unwrap_or(Ok(()))?;
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    type Gate = Sender<io::Result<()>>;

    fn gated() -> (Gated, Gate, Arc<Mutex<Vec<u8>>>) {
        let (open, gate) = channel();
        let written = Arc::default();
        (Gated { written: Arc::clone(&written), gate }, open, written)
    }

    #[test]
    fn what_was_handed_in_is_written_before_the_end() {
        let (output, open, written) = gated();
        drop(open);
        let dropped = Arc::default();
        let (log, writer) = start(Box::new(output), 1_000, Arc::clone(&dropped)).unwrap();
        log.send(Bytes::from_static(b"a\n"), 1);
        log.clone().send(Bytes::from_static(b"b\nc\n"), 2);
        assert!(writer.end(LONG));
        assert_eq!(*written.lock().unwrap(), b"a\nb\nc\n");
        log.send(Bytes::from_static(b"late\n"), 1);
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn what_waits_is_bounded_and_what_is_dropped_is_counted() {
        let (output, open, written) = gated();
        let dropped = Arc::default();
        let (log, writer) = start(Box::new(output), 10, Arc::clone(&dropped)).unwrap();
        log.send(Bytes::from_static(b"12345678\n"), 1);
        log.send(Bytes::from_static(b"xx\nyy\n"), 2);
        assert_eq!(dropped.load(Ordering::Relaxed), 2);
        drop(open);
        assert!(writer.end(LONG));
        assert_eq!(*written.lock().unwrap(), b"12345678\n");
    }

    #[test]
    fn an_output_that_fails_loses_its_records_and_no_others() {
        let (output, open, written) = gated();
        let dropped = Arc::default();
        let (log, writer) = start(Box::new(output), 1_000, Arc::clone(&dropped)).unwrap();
        open.send(Err(io::ErrorKind::StorageFull.into())).unwrap();
        drop(open);
        log.send(Bytes::from_static(b"lost\n"), 1);
        log.send(Bytes::from_static(b"kept\n"), 1);
        assert!(writer.end(LONG));
        assert_eq!((dropped.load(Ordering::Relaxed), &**written.lock().unwrap()), (1, &b"kept\n"[..]));
    }

    #[test]
    fn an_output_that_hangs_does_not_hang_the_end() {
        let (output, open, _written) = gated();
        let (log, writer) = start(Box::new(output), 1_000, Arc::default()).unwrap();
        log.send(Bytes::from_static(b"a\n"), 1);
        assert!(!writer.end(Duration::from_millis(1)));
        drop(open);
    }
}
