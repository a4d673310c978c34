//! Transitions of conditions, as Events say them.

use aigateway_crds::v1alpha1::status::AIGatewayStatus;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::Notice;
use crate::status::finding::Kind;
use crate::status::reason::Reason;

/// One notice for each condition whose status or reason is another than before, and one for each reason. `Ready` speaks
/// only when it comes true: what fails it has its own; `Stalled` and `Reconciling` are said by others too.
pub(super) fn notices(before: Option<&AIGatewayStatus>, after: &AIGatewayStatus) -> Vec<Notice> {
    let find = |kind: &str| before?.conditions.iter().find(|condition| condition.type_ == kind);
    let told =
        [Kind::Accepted, Kind::ResolvedRefs, Kind::Programmed, Kind::LimitsExact, Kind::ProvidersHealthy, Kind::Ready];
    let is_told = |condition: &&Condition| told.iter().any(|kind| kind.as_str() == condition.type_);
    let mut notices: Vec<Notice> = Vec::new();
    for condition in after.conditions.iter().filter(is_told).filter(|it| is_news(find(&it.type_), it)) {
        if notices.iter().all(|notice| notice.reason != condition.reason) {
            let Condition { reason, message, .. } = condition.clone();
            notices.push(Notice { warning: is_warning(condition), reason, message });
        }
    }
    notices
}

fn is_news(before: Option<&Condition>, after: &Condition) -> bool {
    let is_true = after.status == "True";
    match before {
        None => !is_true && after.type_ != Kind::Ready.as_str(),
        Some(_) if after.type_ == Kind::Ready.as_str() && !is_true => false,
        Some(before) => before.status != after.status || before.reason != after.reason,
    }
}

/// Whether somebody should look at it: not where work is under way, or it is as the user says.
fn is_warning(condition: &Condition) -> bool {
    let calm = [
        Reason::RollingOut,
        Reason::AwaitingProxies,
        Reason::ScaledToZero,
        Reason::Paused,
        Reason::NoTraffic,
        Reason::PerProxyShare,
    ];
    condition.status != "True" && !calm.iter().any(|reason| reason.as_str() == condition.reason)
}
