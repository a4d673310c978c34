//! A body for a generation endpoint that is not JSON: a form, or sound. It goes to the provider as it comes, and is
//! held besides while it is short, so that it can be sent again.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::body::Incoming;

use crate::bounds;
use crate::budget::Held;
use crate::dialect::form::{Form, Look};
use crate::error::GatewayError;
use crate::ledger::Ledger;
use crate::server::client::Client;

/// Such a body, whoever reads it.
#[derive(Clone)]
pub(crate) struct Upload(Rc<RefCell<Coming>>);

struct Coming {
    incoming: Incoming,
    /// All that has come, while it can be sent again.
    held: Vec<u8>,
    room: Option<Held>,
    state: State,
    ledger: Rc<Ledger>,
    client: Rc<Client>,
    patience: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// More may come, and all is held.
    Open,
    /// All has come, and is held.
    Whole,
    /// It is longer than what is held: it can be sent once.
    TooLong,
    /// The client broke off.
    Broken,
}

/// One attempt's reading of it, from its beginning.
pub(crate) struct Reader {
    upload: Upload,
    at: usize,
}

impl Upload {
    /// A body of which nothing has been read. The client may send nothing for `patience` ticks.
    pub(crate) fn new(incoming: Incoming, room: Held, ledger: Rc<Ledger>, client: Rc<Client>, patience: u32) -> Self {
        let state = if incoming.is_end_stream() { State::Whole } else { State::Open };
        Self(Rc::new(RefCell::new(Coming {
            incoming,
            held: Vec::new(),
            room: Some(room),
            state,
            ledger,
            client,
            patience,
        })))
    }

    /// Whether it can be sent from its beginning once more.
    pub(crate) fn is_held(&self) -> bool {
        match self.0.borrow().state {
            State::Open | State::Whole => true,
            State::TooLong | State::Broken => false,
        }
    }

    /// The client broke off before the end.
    pub(crate) fn is_broken(&self) -> bool {
        self.0.borrow().state == State::Broken
    }

    /// Reads it from its beginning; only one reads at a time.
    pub(crate) fn reader(&self) -> Reader {
        Reader { upload: self.clone(), at: 0 }
    }

    /// The model that a form of this content type names in its first bytes: they are waited for.
    ///
    /// # Errors
    /// They don't come in time, or there is no room for them.
    pub(crate) async fn model(&self, content_type: &str) -> Result<Option<String>, GatewayError> {
        let Some(mut form) = Form::of(content_type) else { return Ok(None) };
        let reading = poll_fn(|context| {
            loop {
                let mut coming = self.0.borrow_mut();
                match form.look(&coming.held) {
                    Look::Model(model, _) => return Poll::Ready(Ok(Some(model))),
                    Look::Unknown if coming.state == State::Open && coming.held.len() < bounds::FORM_BYTES => {}
                    Look::Unknown | Look::None => return Poll::Ready(Ok(None)),
                }
                let _ = ready!(coming.poll_more(context));
                if coming.state == State::TooLong {
                    return Poll::Ready(Err(GatewayError::Busy));
                }
            }
        });
        let limit = bounds::BODY_TIME;
        let model = tokio::time::timeout(limit, reading).await;
        model.unwrap_or(Err(GatewayError::SlowBody(limit.as_secs())))
    }
}

impl Coming {
    /// The next bytes of the client's.
    fn poll_more(&mut self, context: &mut Context) -> Poll<Option<Result<Bytes, hyper::Error>>> {
        loop {
            let polled = Pin::new(&mut self.incoming).poll_frame(context);
            self.client.starves(polled.is_pending().then_some(self.patience));
            let data = match ready!(polled) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => data,
                    Err(_) => continue,
                },
                Some(Err(error)) => {
                    self.state = State::Broken;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    if self.state == State::Open {
                        self.state = State::Whole;
                    }
                    return Poll::Ready(None);
                }
            };
            self.ledger.edit(|record| record.request_bytes += data.len() as u64);
            self.hold(&data);
            return Poll::Ready(Some(Ok(data)));
        }
    }

    fn hold(&mut self, data: &Bytes) {
        if self.state != State::Open {
            return;
        }
        let is_short = self.held.len() + data.len() <= bounds::HELD_UPLOAD_BYTES;
        if is_short && self.room.as_mut().is_some_and(|room| room.grow(data.len() as u64)) {
            self.held.extend_from_slice(data);
        } else {
            (self.state, self.held, self.room) = (State::TooLong, Vec::new(), None);
        }
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.client.starves(None);
    }
}

impl Reader {
    /// The next bytes, `None` at the end.
    pub(crate) fn poll(&mut self, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut coming = self.upload.0.borrow_mut();
        if self.at < coming.held.len() {
            let rest = Bytes::copy_from_slice(&coming.held[self.at..]);
            self.at = coming.held.len();
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        }
        if coming.state == State::Whole {
            return Poll::Ready(None);
        }
        let more = ready!(coming.poll_more(context));
        self.at = coming.held.len();
        Poll::Ready(more.map(|more| more.map(Frame::data)))
    }

    /// Nothing of it has to be sent.
    pub(crate) fn is_empty(&self) -> bool {
        let coming = self.upload.0.borrow();
        coming.state == State::Whole && self.at >= coming.held.len()
    }
}
