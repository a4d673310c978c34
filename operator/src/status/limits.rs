//! `LimitsExact`: whether what passes is exactly what the limits say. Absent where there are none.

use std::time::Duration;

use super::counted;
use super::finding::{Finding, Kind, State};
use super::reason::Reason;
use crate::facts::{Observed, Said};
use crate::plan::judge::Goal;

/// Counters of longer windows are worth keeping over a restart.
const LONG: Duration = Duration::from_hours(1);

pub(super) fn limits(observed: &Observed, goal: &Goal) -> Option<Finding> {
    let limits = &goal.config.limits;
    if limits.is_empty() {
        return None;
    }
    let proxies = goal.expected.proxies;
    let not = |reason, message: String| Finding::new(Kind::LimitsExact, State::False, reason, message);
    if let Some(long) = limits.iter().find(|limit| limit.window.as_duration() > LONG) {
        let message = format!(
            "the limit {} has a window over an hour: what is counted is lost when a proxy restarts, and each of \
             {proxies} counts its share",
            long.name
        );
        return Some(not(Reason::CountersAreVolatile, message));
    }
    if proxies > 1 {
        let message = format!(
            "each of {proxies} proxies admits its share: at most the limit and {} more pass in a window, and a caller \
             on one connection gets one share; spec.proxy.replicas 1 makes it exact",
            proxies - 1
        );
        return Some(not(Reason::PerProxyShare, message));
    }
    // Its effect, not its intent: a proxy that has not heard yet that it is alone still admits its share.
    let shares = |said: &Said| said.proxies.is_some_and(|proxies| proxies != 1);
    if counted(observed).filter_map(|pod| pod.said.as_ref()).any(shares) {
        return Some(not(Reason::PerProxyShare, "the one proxy still admits the share of several".into()));
    }
    Some(Finding::new(Kind::LimitsExact, State::True, Reason::OneProxy, "one proxy counts alone"))
}
