//! `Accepted`: whether the gateway can be served as it says.

use super::finding::{Finding, Kind, State};
use super::reason::Reason;
use crate::plan::judge::{Judged, Refusal};

pub(super) fn accepted(judged: &Judged) -> Finding {
    match judged {
        Judged::Accepted(_) => Finding::new(Kind::Accepted, State::True, Reason::Accepted, "the specification is good"),
        Judged::Refused(Refusal { reason, message }) => Finding::new(Kind::Accepted, State::False, *reason, message),
    }
}
