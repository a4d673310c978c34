//! Whether a gateway can be served as it says, and by which objects.

use aigateway_config::Problem;
use aigateway_config::check::Checked;
use aigateway_crds::render;
use aigateway_crds::v1alpha1::AIGateway;

use super::expected::Expected;
use super::{image, names};
use crate::build::{self, Desired, Image, Order};
use crate::facts::Observed;
use crate::settings::Settings;
use crate::status::reason::Reason;

/// How many problems of a specification a condition tells.
const PROBLEMS_TOLD: usize = 3;

/// What a gateway comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Judged {
    /// It can be served.
    Accepted(Box<Goal>),
    /// It can't; what was accepted last goes on serving.
    Refused(Refusal),
}

/// What there should be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Goal {
    /// What the proxies should run.
    pub(crate) config: Checked,
    /// What they say when they do.
    pub(crate) expected: Expected,
    /// The objects.
    pub(crate) desired: Desired,
    /// The proxies' image.
    pub(crate) image: Image,
    /// What is still there of an earlier gateway of this name, and has to go first.
    pub(crate) predecessor: Option<String>,
}

/// Why a gateway can't be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

impl Judged {
    /// What there should be, where that is known.
    pub(crate) fn goal(&self) -> Option<&Goal> {
        match self {
            Self::Accepted(goal) => Some(goal),
            Self::Refused(_) => None,
        }
    }
}

/// Judges a gateway: what it says first, then its image, its size, and whose its names are.
pub(crate) fn judge(gateway: &AIGateway, observed: &Observed, settings: &Settings) -> Judged {
    match accept(gateway, observed, settings) {
        Ok(goal) => Judged::Accepted(Box::new(goal)),
        Err(refusal) => Judged::Refused(refusal),
    }
}

fn accept(gateway: &AIGateway, observed: &Observed, settings: &Settings) -> Result<Goal, Refusal> {
    let config = render::judge(gateway, &build::place(gateway)).map_err(|problems| invalid(&problems))?;
    let image = image::choose(gateway, observed, settings);
    if let Some(message) = image::too_old(&image, observed, env!("CARGO_PKG_VERSION")) {
        return Err(Refusal { reason: Reason::UnsupportedImage, message });
    }
    let pods = observed.pods.iter().filter(|pod| !pod.terminating).count();
    let proxies = build::proxies(gateway.spec.proxy.replicas, pods);
    let order = Order { gateway, config: &config, proxies, image: &image, settings };
    let desired = build::build(&order).map_err(|too_large| Refusal {
        reason: Reason::TooLarge,
        message: format!("{too_large}: leave out models, prices or limits, or make two gateways of it"),
    })?;
    let holders = names::holders(gateway, &observed.owned);
    if let Some(message) = holders.foreign {
        return Err(Refusal { reason: Reason::NameTaken, message });
    }
    let expected = Expected::of(gateway, &config, &observed.secrets, proxies);
    Ok(Goal { expected, desired, predecessor: holders.predecessor, config, image })
}

/// The first problems, each with its path, what is allowed and what to do.
fn invalid(problems: &[Problem]) -> Refusal {
    let mut told: Vec<String> = problems.iter().take(PROBLEMS_TOLD).map(ToString::to_string).collect();
    let more = problems.len().saturating_sub(PROBLEMS_TOLD);
    if more > 0 {
        told.push(format!("and {more} more: kubectl aigateway validate tells all"));
    }
    Refusal { reason: Reason::Invalid, message: told.join(" | ") }
}
