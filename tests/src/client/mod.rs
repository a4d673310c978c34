//! Clients of the proxy: [`request::Request`] and its [`reply::Reply`] for well-behaved ones, [`raw::RawClient`] for
//! those that break the protocol, stop reading or vanish.

pub mod raw;
pub mod reply;
pub mod request;
