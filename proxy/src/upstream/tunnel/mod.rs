//! A socket through the gateway: the client's connection and the provider's, once both have switched to `WebSocket`.
//! It is driven by the task of the client's connection, and ended by the tick.

mod account;
mod flow;
mod frames;
mod realtime;

use std::future::poll_fn;
use std::task::Poll;

use bytes::Bytes;

pub(crate) use self::account::Account;
use self::flow::{Flow, Over};
use super::wire::Wire;
use crate::ledger::record::ErrorSource;
use crate::server::client::{Client, ClientStream, GONE, SILENT};

/// The provider's end, and the record of it all. Dropped before it is run, the client has left.
pub(crate) struct Tunnel {
    wire: Wire,
    ahead: Bytes,
    account: Account,
}

impl Tunnel {
    /// A provider's connection that has switched, and what came behind its answer's head.
    pub(crate) fn new(wire: Wire, ahead: Bytes, account: Account) -> Self {
        Self { wire, ahead, account }
    }

    /// Moves bytes both ways until both ends have closed, one broke, or the tick ends it. `came` is what the client sent
    /// behind its request.
    pub(crate) async fn run(self, mut stream: ClientStream, came: Bytes, client: &Client) {
        let Self { mut wire, ahead, mut account } = self;
        account.sent(&came);
        account.got(&ahead);
        let (mut up, mut down) = (Flow::new(came), Flow::new(ahead));
        let mut why = None;
        poll_fn(|context| {
            client.is_polled_by(context);
            if let Some(ended) = client.ended() {
                why.get_or_insert((ended, if ended == SILENT { ErrorSource::Gateway } else { ErrorSource::Client }));
                return Poll::Ready(());
            }
            up.drive(context, &mut stream, &mut wire, |bytes| {
                client.moves();
                account.sent(bytes);
            });
            down.drive(context, &mut wire, &mut stream, |bytes| {
                client.moves();
                account.got(bytes);
            });
            let (sent, got) = (up.over(), down.over());
            if (sent.is_some() || got.is_some()) && why.is_none() {
                why = Some(fault(sent, got));
                client.closes();
            }
            if is_over(sent, got) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        account.ended(why);
    }
}

/// Whose doing it is that a direction has ended first.
fn fault(sent: Option<Over>, got: Option<Over>) -> (&'static str, ErrorSource) {
    match (sent, got) {
        (Some(Over::Closed | Over::FromBroke), _) | (_, Some(Over::ToBroke)) => (GONE, ErrorSource::Client),
        (Some(Over::ToBroke) | None, _) => ("cut", ErrorSource::Provider),
    }
}

/// Whether nothing more can come through: both directions have ended, or nobody is there for the one that has not.
fn is_over(sent: Option<Over>, got: Option<Over>) -> bool {
    let client_left = sent == Some(Over::FromBroke) || got == Some(Over::ToBroke);
    client_left || got == Some(Over::FromBroke) || (sent.is_some() && got.is_some())
}
