use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;

use super::lead::Lead;
use super::reader::Waiting;
use super::reader::{Piece, Waited};
use super::state::End;
use super::{Flights, Joined};
use crate::clock::Moment;
use crate::policy::cache::key::CacheKey;
use crate::store::content::Content;
use crate::store::memory::Stored;

fn join(flights: &Flights) -> Joined {
    flights.join(CacheKey::of_bytes([7; 32]), 10)
}

fn lead(flights: &Flights) -> Lead {
    match join(flights) {
        Joined::Lead(lead) => lead,
        Joined::Waits(_) => panic!("somebody leads already"),
    }
}

fn waits(flights: &Flights) -> Waiting {
    match join(flights) {
        Joined::Waits(waiting) => waiting,
        Joined::Lead(_) => panic!("nobody leads"),
    }
}

fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

fn stored() -> Arc<Stored> {
    Arc::new(Stored {
        content: Content::default(),
        streamed: true,
        stored_at: Moment::default(),
        expires_at: Moment::at(Duration::from_secs(1)),
        usage: None,
        cost: None,
    })
}

fn read(reader: &mut super::reader::Reader) -> Vec<Option<Bytes>> {
    let mut pieces = Vec::new();
    while let Poll::Ready(piece) = reader.poll_next(&Context::from_waker(Waker::noop())) {
        match piece {
            Piece::Next(bytes) => pieces.push(Some(bytes)),
            Piece::End(_) => {
                pieces.push(None);
                break;
            }
        }
    }
    pieces
}

#[test]
fn every_asker_reads_all_of_a_stream_whenever_it_came() {
    let flights = Flights::default();
    let lead = lead(&flights);
    let early = waits(&flights);
    lead.streams(stored());
    lead.push(Bytes::from_static(b"one"));
    let late = waits(&flights);
    for waiting in [early, late] {
        let Some(Waited::Streams(_, mut reader)) = now(waiting.wait()) else { panic!("there is a head") };
        assert_eq!(read(&mut reader), [Some(Bytes::from_static(b"one"))]);
    }
    let Some(pieces) = lead.end(End::Complete) else { panic!("it is short enough") };
    assert_eq!(*pieces, [Bytes::from_static(b"one")]);
    assert!(matches!(join(&flights), Joined::Lead(_)));
}

#[test]
fn what_cannot_be_shared_leaves_each_alone() {
    let flights = Flights::default();
    let lead = lead(&flights);
    let waiting = waits(&flights);
    lead.alone();
    assert!(matches!(now(waiting.wait()), Some(Waited::Alone)));
}

#[test]
fn a_leader_that_goes_before_the_head_leaves_the_call_to_another() {
    let flights = Flights::default();
    let lead = lead(&flights);
    let (first, second) = (waits(&flights), waits(&flights));
    drop(lead);
    let Some(Waited::Lead(lead)) = now(first.wait()) else { panic!("it takes over") };
    lead.whole(stored());
    assert!(matches!(now(second.wait()), Some(Waited::Whole(_))));
}

#[test]
fn a_stream_past_the_bound_takes_no_new_reader_and_keeps_the_old_ones() {
    let flights = Flights::default();
    let lead = lead(&flights);
    let waiting = waits(&flights);
    lead.streams(stored());
    let Some(Waited::Streams(_, mut reader)) = now(waiting.wait()) else { panic!("there is a head") };
    lead.push(Bytes::from_static(b"12345678"));
    lead.push(Bytes::from_static(b"12345678"));
    assert!(matches!(join(&flights), Joined::Lead(_)));
    let context = Context::from_waker(Waker::noop());
    assert!(lead.is_full(&context));
    assert_eq!(read(&mut reader).len(), 2);
    assert!(!lead.is_full(&context));
    assert_eq!(lead.end(End::Complete), None);
    assert_eq!(read(&mut reader), [None]);
}

#[test]
fn a_stream_whose_leader_dies_is_cut_for_its_readers() {
    let flights = Flights::default();
    let lead = lead(&flights);
    let waiting = waits(&flights);
    lead.streams(stored());
    drop(lead);
    let Some(Waited::Streams(_, mut reader)) = now(waiting.wait()) else { panic!("there was a head") };
    assert!(matches!(reader.poll_next(&Context::from_waker(Waker::noop())), Poll::Ready(Piece::End(End::Cut))));
}
