//! Where calls go: names of the gateway's own, and what it falls back to.

use super::{count, model_name, unique};
use crate::bounds;
use crate::problems::Problems;
use crate::route::{Choice, NamedModel, Strategy, Target};

/// What callers may put before a name.
const DYNAMIC: &str = "dynamic/";

pub(super) fn models(all: &[NamedModel], known: &[&str], problems: &mut Problems) {
    count("spec.models", all.len(), bounds::MODEL_NAMES, problems);
    unique("spec.models", all.iter().map(|model| model.name.as_str()), problems);
    for (index, NamedModel { name, strategy, targets }) in all.iter().enumerate() {
        let path = format!("spec.models[{index}]");
        model_name(&format!("{path}.name"), name, problems);
        if name.starts_with(DYNAMIC) {
            let allowed = "a name without dynamic/, which callers may put before each name";
            problems.add(format!("{path}.name"), name, allowed, "leave it out");
        }
        let list = format!("{path}.targets");
        if targets.is_empty() {
            problems.add(&list, "(none)", "1 to 16 targets", "add one: {provider: openai, model: gpt-4o-mini}");
        }
        count(&list, targets.len(), bounds::TARGETS, problems);
        for (index, one) in targets.iter().enumerate() {
            let path = format!("{list}[{index}]");
            target(&path, &one.provider, &one.model, known, problems);
            choice(&path, one, *strategy, name.ends_with('*'), problems);
        }
    }
}

/// What a target of a name has beside those that are fallen back to.
fn choice(path: &str, one: &Choice, strategy: Strategy, has_star: bool, problems: &mut Problems) {
    let Choice { provider: _, model, weight } = one;
    if model.ends_with('*') && !has_star {
        let allowed = "a model without a * at its end, which would stand for what the name's own stood for";
        problems.add(format!("{path}.model"), model, allowed, "end the name in * too, or say the whole model");
    }
    match (strategy, weight) {
        (Strategy::Ordered, Some(weight)) => {
            problems.add(format!("{path}.weight"), weight, "no weight with strategy Ordered", "set strategy: Weighted");
        }
        (Strategy::Weighted, Some(weight)) if !(1..=bounds::WEIGHT).contains(weight) => {
            problems.add(format!("{path}.weight"), weight, "1 to 1000", "leave out a target that is never wanted");
        }
        (Strategy::Weighted, Some(_) | None) | (Strategy::Ordered, None) => {}
    }
}

pub(super) fn fallbacks(targets: &[Target], known: &[&str], problems: &mut Problems) {
    count("spec.fallback", targets.len(), bounds::FALLBACKS, problems);
    for (index, Target { provider, model }) in targets.iter().enumerate() {
        target(&format!("spec.fallback[{index}]"), provider, model, known, problems);
    }
}

/// A provider of the gateway, and a model.
fn target(path: &str, provider: &str, model: &str, known: &[&str], problems: &mut Problems) {
    if !known.contains(&provider) {
        let allowed = format!("a provider of this gateway: {}", known.join(", "));
        problems.add(format!("{path}.provider"), provider, allowed, "name one of them, or add it to spec.providers");
    }
    model_name(&format!("{path}.model"), model, problems);
}
