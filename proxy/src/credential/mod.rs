//! Keys that are more than a header: calls that are signed for AWS.
//!
//! Where a bare key goes is in `provider::credential`.

pub mod sign;
