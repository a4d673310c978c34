//! What each proxy may use: what the gateway says, and defaults that go with it.

use std::collections::BTreeMap;

use aigateway_crds::v1alpha1::proxy::ResourcesSpec;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::amount;

/// Quantities by the name of a resource.
type Quantities = BTreeMap<String, Quantity>;

/// What is reserved where nothing is said.
const REQUESTS: [(&str, &str); 2] = [("cpu", "100m"), ("memory", "64Mi")];

/// What is at most used where nothing is said: no CPU limit, which would only make answers late.
const LIMITS: [(&str, &str); 1] = [("memory", "256Mi")];

/// The requests and limits of a container. A default gives way where the other side is said and would contradict it:
/// the API server refuses a request that is above its limit.
pub(super) fn requirements(spec: Option<&ResourcesSpec>) -> ResourceRequirements {
    let absent = ResourcesSpec::default();
    let ResourcesSpec { requests, limits } = spec.unwrap_or(&absent);
    ResourceRequirements {
        requests: Some(requests.clone().unwrap_or_else(|| defaults(&REQUESTS, limits.as_ref(), is_above))),
        limits: Some(limits.clone().unwrap_or_else(|| defaults(&LIMITS, requests.as_ref(), is_below))),
        claims: None,
    }
}

/// The defaults, each replaced by the other side's where it `contradicts` that.
fn defaults(
    defaults: &[(&str, &str)],
    other: Option<&Quantities>,
    contradicts: fn(&Quantity, &Quantity) -> bool,
) -> Quantities {
    let one = |(name, text): &(&str, &str)| {
        let default = Quantity((*text).into());
        let said = other.and_then(|other| other.get(*name)).filter(|said| contradicts(&default, said));
        ((*name).to_owned(), said.cloned().unwrap_or(default))
    };
    defaults.iter().map(one).collect()
}

fn is_above(one: &Quantity, other: &Quantity) -> bool {
    amount::nano(&one.0) > amount::nano(&other.0)
}

fn is_below(one: &Quantity, other: &Quantity) -> bool {
    amount::nano(&one.0) < amount::nano(&other.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of a resource and its quantity, requests and limits.
    type Said<'a> = Option<&'a [(&'a str, &'a str)]>;

    fn quantities(pairs: &[(&str, &str)]) -> Quantities {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), Quantity((*text).into()))).collect()
    }

    fn check(requests: Said<'_>, limits: Said<'_>, expected: [&[(&str, &str)]; 2]) {
        let spec = ResourcesSpec { requests: requests.map(quantities), limits: limits.map(quantities) };
        let made = requirements(Some(&spec));
        assert_eq!((made.requests, made.limits), (Some(quantities(expected[0])), Some(quantities(expected[1]))));
    }

    #[test]
    fn what_is_said_stands_and_defaults_give_way_to_it() {
        check(None, None, [&REQUESTS, &LIMITS]);
        check(Some(&[("cpu", "1")]), None, [&[("cpu", "1")], &LIMITS]);
        check(Some(&[("memory", "1Gi")]), None, [&[("memory", "1Gi")], &[("memory", "1Gi")]]);
        check(None, Some(&[("memory", "32Mi")]), [&[("cpu", "100m"), ("memory", "32Mi")], &[("memory", "32Mi")]]);
        check(None, Some(&[("cpu", "2")]), [&REQUESTS, &[("cpu", "2")]]);
        check(Some(&[]), Some(&[]), [&[], &[]]);
    }
}
