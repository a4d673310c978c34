//! Whether a request says anything to the gateway itself. Most say nothing, and a look at all names takes less time than
//! a search for one.

use http::HeaderMap;

/// What the names of all headers begin with that are for the gateway: `cf-aig-` and, the older ones, `cf-`.
const PREFIX: &str = "cf-";

/// Whether a header is for the gateway.
pub(crate) fn is_addressed(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| name.as_str().starts_with(PREFIX))
}
