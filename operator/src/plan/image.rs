//! Which image a gateway's proxies have, and whether this operator can speak to it.

use aigateway_crds::v1alpha1::AIGateway;

use crate::build::{DEFAULT_IMAGE_ANNOTATION, Image};
use crate::facts::{Observed, Pod};
use crate::settings::Settings;

/// The image that the gateway names, else the default one. A fleet that has another default image keeps it until it may
/// roll.
pub(super) fn choose(gateway: &AIGateway, observed: &Observed, settings: &Settings) -> Image {
    if let Some(image) = &gateway.spec.proxy.image {
        return Image::Named(image.clone());
    }
    let present = present_default(observed).filter(|_| !observed.may_roll);
    Image::Default(present.unwrap_or(&settings.proxy_image).to_owned())
}

/// The default image that the fleet was given last.
fn present_default(observed: &Observed) -> Option<&str> {
    let annotations = observed.owned.deployment.this()?.metadata.annotations.as_ref()?;
    annotations.get(DEFAULT_IMAGE_ANNOTATION).map(String::as_str)
}

/// Whether a fleet has not all of its default image yet, or is about to be given another one: `image` is what it should
/// have, `None` where it stays as it is.
pub(super) fn rolls(image: Option<&Image>, observed: &Observed) -> bool {
    let Some(present) = present_default(observed) else { return false };
    let wanted = match image {
        None => present,
        Some(Image::Default(image)) => image,
        Some(Image::Named(_)) => return false,
    };
    present != wanted || observed.pods.iter().any(|pod| !pod.terminating && pod.image != wanted)
}

/// Why this operator can't speak to an image, by its tag or by what its proxies say. The default image goes with the
/// operator, and is not judged.
pub(super) fn too_old(image: &Image, observed: &Observed, own: &str) -> Option<String> {
    let Image::Named(image) = image else { return None };
    let oldest = oldest(parse(own)?);
    let is_of_it = |pod: &&Pod| !pod.terminating && pod.image == *image;
    let said = observed.pods.iter().filter(is_of_it).filter_map(|pod| pod.said.as_ref()?.version.as_deref());
    let version = tag(image).into_iter().chain(said).find(|version| parse(version).is_some_and(|it| it < oldest))?;
    let (major, minor) = oldest;
    Some(format!(
        "spec.proxy.image {image} is version {version}: this operator serves {major}.{minor} and later; name a newer \
         image, or none for the operator's own"
    ))
}

/// The oldest minor release that is served: the one before this operator's. Which was the last of an earlier major
/// version is not known, so all of that is served; before 0.1 there was none.
fn oldest((major, minor): (u64, u64)) -> (u64, u64) {
    match (major, minor) {
        (0, 0 | 1) => (major, minor),
        (major, 0) => (major - 1, 0),
        (major, minor) => (major, minor - 1),
    }
}

/// The tag of an image: what follows the colon after the last slash, its digest left out.
fn tag(image: &str) -> Option<&str> {
    let named = image.split('@').next()?;
    named.rsplit('/').next()?.split_once(':').map(|(_, tag)| tag)
}

/// Major and minor of a semantic version, with or without a `v`.
fn parse(version: &str) -> Option<(u64, u64)> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let core = version.split(['-', '+']).next()?;
    let mut numbers = core.split('.');
    let mut number = || numbers.next()?.parse::<u64>().ok();
    let (major, minor, _patch) = (number()?, number()?, number()?);
    numbers.next().is_none().then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_from_ports_and_digests() {
        let check = |image: &str, expected| assert_eq!(tag(image), expected, "{image}");
        check("proxy", None);
        check("proxy:1.2.3", Some("1.2.3"));
        check("registry:5000/a/proxy", None);
        check("registry:5000/a/proxy:v1.2.3@sha256:00", Some("v1.2.3"));
        check("proxy@sha256:00", None);
    }

    #[test]
    fn the_operator_serves_its_own_and_the_minor_release_before() {
        let check = |own: &str, image: &str, is_too_old: bool| {
            let found = too_old(&Image::Named(image.into()), &Observed::default(), own);
            assert_eq!(found.is_some(), is_too_old, "{own} {image} {found:?}");
        };
        check("0.3.0", "proxy:0.3.0", false);
        check("0.3.0", "proxy:0.2.9", false);
        check("0.3.0", "proxy:0.1.9", true);
        check("0.3.0", "proxy:v0.1.9-rc.1@sha256:00", true);
        check("0.3.0", "proxy:9.0.0", false);
        check("0.3.0", "proxy:latest", false);
        check("0.3.0", "proxy:0.1", false);
        check("2.0.0", "proxy:1.9.0", false);
        check("2.0.0", "proxy:0.9.0", true);
        check("0.1.0", "proxy:0.1.0-rc.1", false);
        check("0.1.0", "proxy:0.0.9", true);
        check("0.0.5", "proxy:0.0.1", false);
    }

    #[test]
    fn the_default_image_is_never_too_old() {
        assert_eq!(too_old(&Image::Default("proxy:0.1.0".into()), &Observed::default(), "9.0.0"), None);
    }
}
