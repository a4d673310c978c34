//! Whether an operator leads, by its Lease.

use k8s_openapi::jiff::Timestamp;

use super::facts::{Lease, Operator};
use super::report::{OperatorReport, OperatorState};

/// How far the clocks of this machine and of the operator's node may be apart, in seconds.
const SKEW: i64 = 10;

/// What is reported of the operator.
pub(super) fn report(operator: &Operator, now: Timestamp) -> OperatorReport {
    let (namespace, lease) = match operator {
        Operator::Installed { namespace, lease, .. } => (Some(namespace.clone()), lease.as_ref()),
        Operator::Absent | Operator::Unseen(_) => (None, None),
    };
    OperatorReport {
        state: state(operator, now),
        namespace,
        holder: lease.and_then(|lease| lease.holder.clone()),
        renewed_seconds_ago: lease.and_then(|lease| lease.renewed).map(|renewed| seconds_between(renewed, now)),
    }
}

/// Whether one leads.
pub(super) fn state(operator: &Operator, now: Timestamp) -> OperatorState {
    match operator {
        Operator::Installed { lease: Some(lease), .. } if is_held(lease, now) => OperatorState::Leading,
        Operator::Installed { .. } => OperatorState::Away,
        Operator::Absent => OperatorState::Absent,
        Operator::Unseen(_) => OperatorState::Unseen,
    }
}

/// A Lease without a holder was given back; an old one ran out.
fn is_held(lease: &Lease, now: Timestamp) -> bool {
    let is_fresh = |renewed| seconds_between(renewed, now) <= i64::from(lease.seconds) + SKEW;
    lease.holder.is_some() && lease.renewed.is_some_and(is_fresh)
}

/// Whole seconds from one time to another.
pub(super) fn seconds_between(earlier: Timestamp, later: Timestamp) -> i64 {
    later.as_second() - earlier.as_second()
}

/// A time that has passed, as a person says it: `40 s`, `3 min`, `2 h`, `5 d`.
pub(super) fn in_words(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_the_unit_that_suits_it() {
        let check = |seconds, expected: &str| assert_eq!(in_words(seconds), expected);
        check(-3, "0 s");
        check(119, "119 s");
        check(120, "2 min");
        check(7199, "119 min");
        check(7200, "2 h");
        check(172_800, "2 d");
    }

    #[test]
    fn who_leads_is_read_from_the_lease() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let check = |holder: Option<&str>, ago: Option<i64>, expected| {
            let renewed = ago.map(|ago| Timestamp::from_second(1_000_000 - ago).unwrap());
            let lease = Some(Lease { holder: holder.map(Into::into), renewed, seconds: 8 });
            let operator = Operator::Installed { namespace: "system".into(), name: "aigateway".into(), lease };
            assert_eq!(state(&operator, now), expected, "{holder:?} {ago:?}");
        };
        check(Some("a"), Some(0), OperatorState::Leading);
        check(Some("a"), Some(-5), OperatorState::Leading);
        check(Some("a"), Some(18), OperatorState::Leading);
        check(Some("a"), Some(19), OperatorState::Away);
        check(Some("a"), None, OperatorState::Away);
        check(None, Some(0), OperatorState::Away);
    }
}
