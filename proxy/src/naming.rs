//! Names: which provider, and which model of it, a caller's words stand for.
//!
//! Not here: what a gateway's own names lead to, which is its configuration's to say.

use std::borrow::Cow;
use std::collections::HashMap;

use aigateway_config::catalog::Api;
use aigateway_config::provider::ProviderType;

/// What stands before a model that Cloudflare runs itself. Source:
/// <https://developers.cloudflare.com/workers-ai/models/> (November 2026).
const WORKERS_AI: &str = "@cf/";

/// The place, among all of a gateway's by name and type, of the provider that `slug` stands for in a URL, a universal step
/// or before a model: the one of that name; `custom-foo` for one named `foo` whose type says no more than that; an alias
/// such as `grok` for the first one of its type.
pub fn provider<'a>(slug: &str, all: &(impl Iterator<Item = (&'a str, ProviderType)> + Clone)) -> Option<usize> {
    let named = |wanted: &str| all.clone().position(|(name, _)| name == wanted);
    let custom = |wanted: &str| all.clone().position(|(name, kind)| name == wanted && is_custom(kind));
    let typed = |wanted| all.clone().position(|(_, kind)| kind == wanted);
    named(slug).or_else(|| custom(slug.strip_prefix("custom-")?)).or_else(|| typed(ProviderType::aliased(slug)?))
}

fn is_custom(kind: ProviderType) -> bool {
    matches!(kind, ProviderType::Custom | ProviderType::OpenaiCompatible)
}

/// The type of provider whose models have names of that form and no other's do.
pub fn type_of(model: &str) -> Option<ProviderType> {
    model.starts_with(WORKERS_AI).then_some(ProviderType::WorkersAi)
}

/// A model as a provider of that type names it, whose callers may put its publisher before it: Vertex AI's `google/...`.
pub fn without_publisher(kind: ProviderType, model: &str) -> &str {
    if kind.facts().api == Api::Vertex { model.strip_prefix("google/").unwrap_or(model) } else { model }
}

/// Values by name, where a name that ends in `*` stands for all that begin like it.
#[derive(Debug)]
pub struct Names<T> {
    exact: HashMap<Box<str>, T>,
    /// Less their `*`, the longest first.
    wildcards: Box<[(Box<str>, T)]>,
}

/// What a name leads to.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'a, 'n, T> {
    /// The value.
    pub value: &'a T,
    /// What stood where the configured name has its `*`.
    pub star: Option<&'n str>,
}

impl<T> Names<T> {
    /// Of two values with one name the last one counts.
    pub fn of<'a>(all: impl IntoIterator<Item = (&'a str, T)>) -> Self {
        let (mut exact, mut wildcards) = (HashMap::new(), Vec::new());
        for (name, value) in all {
            match name.strip_suffix('*') {
                Some(fixed) => wildcards.push((Box::from(fixed), value)),
                None => drop(exact.insert(Box::from(name), value)),
            }
        }
        wildcards.sort_by_key(|(fixed, _): &(Box<str>, T)| std::cmp::Reverse(fixed.len()));
        Self { exact, wildcards: wildcards.into() }
    }

    /// The value of `name`: its own, or else that of the longest name with a `*` which it begins like.
    pub fn get<'n>(&self, name: &'n str) -> Option<Found<'_, 'n, T>> {
        if let Some(value) = self.exact.get(name) {
            return Some(Found { value, star: None });
        }
        self.wildcards.iter().find_map(|(fixed, value)| {
            let star = name.strip_prefix(&**fixed)?;
            Some(Found { value, star: Some(star) })
        })
    }

    /// The names without a `*`, in no order.
    pub fn exact(&self) -> impl Iterator<Item = &str> {
        self.exact.keys().map(|name| &**name)
    }
}

/// `pattern` with what stood for a `*` in place of its own, where it ends in one.
pub fn filled<'a>(pattern: &'a str, star: Option<&str>) -> Cow<'a, str> {
    match (pattern.strip_suffix('*'), star) {
        (Some(fixed), Some(star)) => Cow::Owned([fixed, star].concat()),
        (Some(_), None) | (None, _) => Cow::Borrowed(pattern),
    }
}

/// An order of things that have these weights: each next one is drawn from those that are left, as often as its weight
/// says beside theirs. `chance` says a number from 0 to 1 each time.
pub fn drawn(weights: impl IntoIterator<Item = u16>, mut chance: impl FnMut() -> f64) -> Vec<usize> {
    let mut left: Vec<(usize, f64)> = weights.into_iter().map(f64::from).enumerate().collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let mut at = chance() * left.iter().map(|(_, weight)| weight).sum::<f64>();
        let hit = left.iter().position(|(_, weight)| {
            at -= weight;
            at < 0.0
        });
        order.push(left.remove(hit.unwrap_or(left.len() - 1)).0);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, ProviderType); 6] = [
        ("openai", ProviderType::Openai),
        ("my-xai", ProviderType::Xai),
        ("xai", ProviderType::Xai),
        ("google", ProviderType::Openai),
        ("mine", ProviderType::Custom),
        ("custom-mine", ProviderType::Anthropic),
    ];

    #[test]
    fn a_slug_is_a_name_a_custom_one_or_an_alias() {
        let check = |slug, expected| assert_eq!(provider(slug, &ALL.into_iter()), expected, "{slug}");
        check("openai", Some(0));
        check("mine", Some(4));
        check("grok", Some(1));
        check("xai", Some(2));
        check("perplexity", None);
        check("custom-openai", None);
        check("custom", None);
        check("", None);
        assert_eq!(provider("custom-mine", &ALL[..5].iter().copied()), Some(4));
    }

    #[test]
    fn a_provider_of_that_name_goes_before_an_alias_and_a_prefix() {
        assert_eq!(provider("google", &ALL.into_iter()), Some(3));
        assert_eq!(provider("custom-mine", &ALL.into_iter()), Some(5));
    }

    #[test]
    fn the_longest_name_wins_and_an_exact_one_before_all() {
        let names = Names::of([("gpt-*", 1), ("gpt-4*", 2), ("gpt-4o", 3), ("*", 4)]);
        let check = |name: &str, expected: Option<(i32, Option<&str>)>| {
            assert_eq!(names.get(name).map(|found| (*found.value, found.star)), expected, "{name}");
        };
        check("gpt-4o", Some((3, None)));
        check("gpt-4o-mini", Some((2, Some("o-mini"))));
        check("gpt-4", Some((2, Some(""))));
        check("gpt-5", Some((1, Some("5"))));
        check("llama", Some((4, Some("llama"))));
        assert!(Names::of([("gpt-4*", 2)]).get("llama").is_none());
    }

    #[test]
    fn an_order_is_drawn_by_weight() {
        let check = |chances: &[f64], expected: &[usize]| {
            let mut chances = chances.iter().copied();
            assert_eq!(drawn([7, 2, 1], || chances.next().unwrap()), expected, "{expected:?}");
        };
        check(&[0.0, 0.0, 0.0], &[0, 1, 2]);
        check(&[0.69, 0.67, 0.99], &[0, 2, 1]);
        check(&[0.7, 0.9, 0.5], &[1, 2, 0]);
        check(&[0.9, 0.0, 0.0], &[2, 0, 1]);
        check(&[1.0, 1.0, 1.0], &[2, 1, 0]);
    }

    #[test]
    fn a_star_stands_for_what_it_stood_for() {
        assert_eq!(filled("openai/gpt-*", Some("5")), "openai/gpt-5");
        assert_eq!(filled("gpt-4o", Some("5")), "gpt-4o");
        assert_eq!(filled("gpt-*", None), "gpt-*");
    }

    #[test]
    fn vertex_takes_a_model_with_its_publisher() {
        assert_eq!(without_publisher(ProviderType::GoogleVertexAi, "google/gemini-2.5-pro"), "gemini-2.5-pro");
        assert_eq!(without_publisher(ProviderType::Openrouter, "google/gemini-2.5-pro"), "google/gemini-2.5-pro");
    }
}
