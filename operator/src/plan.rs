//! From what is wanted and what is seen to what should be there: a function of its arguments.

mod expected;
mod image;
pub(crate) mod judge;
mod names;
mod notices;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::status::AIGatewayStatus;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::build::Desired;
use crate::facts::Observed;
use crate::settings::Settings;
use crate::status;

/// What should be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The objects as they should be; `None` where nothing owned may be written: paused, invalid, a name
    /// taken, the gateway being deleted.
    pub desired: Option<Desired>,
    /// The pods that do not run what they should, by name; empty where nothing can be compared.
    pub lagging: Vec<String>,
    /// What the nudge of a lagging pod says: a hash of all that it should run. It differs whenever that does.
    pub target: String,
    /// The status as it should be; equal to the gateway's where nothing has changed, times of transition included.
    pub status: AIGatewayStatus,
    /// Transitions since the gateway's last status, as Events say them.
    pub notices: Vec<Notice>,
    /// Whether this gateway's Deployment rolls, or begins to with this plan, to another default image.
    pub rolls: bool,
}

/// One Event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether it is a warning.
    pub warning: bool,
    /// The reason, in `PascalCase`: that of the condition.
    pub reason: String,
    /// What happened and what to do about it.
    pub message: String,
}

/// Plans one gateway. Of one that is being deleted nothing is wanted, and nothing is said any more: what it owns goes with
/// it, and would only be made again.
pub fn plan(gateway: &AIGateway, observed: &Observed, settings: &Settings, now: &Time) -> Plan {
    if gateway.metadata.deletion_timestamp.is_some() {
        return at_rest(gateway, observed);
    }
    let judged = judge::judge(gateway, observed, settings);
    let status = status::status(gateway, observed, &judged, now);
    let notices = notices::notices(gateway.status.as_ref(), &status);
    let goal = judged.goal().filter(|goal| !gateway.spec.paused && goal.predecessor.is_none());
    Plan {
        lagging: goal.map(|goal| goal.expected.lagging(observed)).unwrap_or_default(),
        target: goal.map(|goal| goal.expected.target()).unwrap_or_default(),
        rolls: image::rolls(goal.map(|goal| &goal.image), observed),
        desired: goal.map(|goal| goal.desired.clone()),
        status,
        notices,
    }
}

/// Nothing is done, and nothing said.
fn at_rest(gateway: &AIGateway, observed: &Observed) -> Plan {
    Plan {
        desired: None,
        lagging: Vec::new(),
        target: String::new(),
        status: gateway.status.clone().unwrap_or_default(),
        notices: Vec::new(),
        rolls: image::rolls(None, observed),
    }
}
