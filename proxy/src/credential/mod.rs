//! Keys that are more than a header: calls that are signed for AWS, tokens that Google hands out for a while.
//!
//! Where a bare key goes is in `provider::credential`.

pub mod aws;
pub(crate) mod google;
pub mod sign;
