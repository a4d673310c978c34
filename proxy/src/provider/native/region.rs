//! Clouds whose host names a region, as the path does: Vertex AI and Bedrock. Which hosts they are is decided by a strict
//! form of the region, so that no path leads out of the cloud that the key is for. At a base URL that is not the cloud's
//! own (a proxy, a private endpoint) calls stay there.

use super::{Astray, Here, Way, first, host};

/// `v1/projects/{project}/locations/{region}/...` at `https://{region}-aiplatform.googleapis.com`.
/// Source: <https://cloud.google.com/vertex-ai/docs/reference/rest>, November 2026.
pub(super) fn vertex<'a>(here: Here<'_>, rest: &'a str) -> Result<Way<'a>, Astray> {
    let is_googles = host(here.base_url).strip_suffix("aiplatform.googleapis.com").is_some_and(is_before_service);
    let named = rest.find("/locations/").map(|at| first(&rest[at + "/locations/".len()..]).0);
    let origin = match named {
        Some("global") if is_googles => Some("https://aiplatform.googleapis.com".to_owned()),
        Some(region) if is_googles => {
            check(region, is_googles_region, "europe-west1")?;
            Some(format!("https://{region}-aiplatform.googleapis.com"))
        }
        Some(_) | None => None,
    };
    Ok(Way { origin, ..Way::here(rest) })
}

/// What stands before the service's name in a host of Google's: nothing, or a region.
fn is_before_service(text: &str) -> bool {
    text.is_empty() || text.strip_suffix('-').is_some_and(is_googles_region)
}

/// `bedrock-runtime/{region}/{rest}` at `https://bedrock-runtime.{region}.amazonaws.com/{rest}`; without the two, at the
/// base URL. Source: <https://docs.aws.amazon.com/general/latest/gr/bedrock.html>, November 2026.
pub(super) fn bedrock<'a>(here: Here<'_>, rest: &'a str) -> Result<Way<'a>, Astray> {
    let ("bedrock-runtime", after) = first(rest) else { return Ok(Way::here(rest)) };
    let (region, rest) = first(after);
    check(region, is_aws_region, "eu-central-1")?;
    let is_aws = host(here.base_url)
        .strip_prefix("bedrock-runtime.")
        .and_then(|after| after.strip_suffix(".amazonaws.com"))
        .is_some_and(is_aws_region);
    let origin = is_aws.then(|| format!("https://bedrock-runtime.{region}.amazonaws.com"));
    Ok(Way { origin, ..Way::here(rest) })
}

fn check(region: &str, is_one: impl Fn(&str) -> bool, example: &str) -> Result<(), Astray> {
    if is_one(region) {
        return Ok(());
    }
    Err(Astray(format!("the path names the region {region:?}; a region is written like {example}")))
}

/// `europe-west1`, `us-east5`, `northamerica-northeast1`.
fn is_googles_region(text: &str) -> bool {
    let Some((area, place)) = text.split_once('-') else { return false };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let name = place.trim_end_matches(|c: char| c.is_ascii_digit());
    text.len() <= 32 && is_word(area) && is_word(name) && (1..=2).contains(&(place.len() - name.len()))
}

/// `eu-central-1`, `us-gov-west-1`. Not `s3` and the like, below which names can be anybody's.
fn is_aws_region(text: &str) -> bool {
    let mut words = text.split('-');
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let begins = words.next().is_some_and(|word| word.len() == 2 && is_word(word));
    let ends = words.next_back().is_some_and(|word| matches!(word.as_bytes(), [digit] if digit.is_ascii_digit()));
    text.len() <= 32 && begins && ends && (1..=2).contains(&words.clone().count()) && words.all(is_word)
}
