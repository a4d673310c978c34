//! What `--simulate` says, and what it means for one call.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use aigateway_config::duration::{NotASpan, Span};

/// How a rule is written, for messages.
const FORM: &str = "PROVIDER:delay=200ms,status=503|hang|cut,model=NAME";

/// One `--simulate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Simulate {
    /// The flag alone: every provider is simulated and answers at once.
    AtOnce,
    /// That, and this one provider behaves as said.
    Rule(Rule),
}

/// How one provider behaves, for one model or for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The provider's name in its gateway.
    pub(crate) provider: String,
    /// The model that the provider is asked for; `None`: all that no other rule names.
    pub(crate) model: Option<String>,
    /// What it does.
    pub(crate) behaviour: Behaviour,
}

/// What a simulated provider does with a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Behaviour {
    /// How long it says nothing.
    pub(crate) delay: Duration,
    /// What it does then.
    pub(crate) outcome: Outcome,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With an answer.
    #[default]
    Answer,
    /// With an error of this status, 400 to 599.
    Status(u16),
    /// Never.
    Hang,
    /// In the middle of the answer.
    Cut,
}

/// Why a `--simulate` can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotARule {
    /// Something is missing around the colon.
    #[error("say whom and what: {FORM}")]
    Form,
    /// A part is no pair.
    #[error("{0:?} is no setting; a setting is delay=200ms, status=503, status=hang, status=cut or model=NAME")]
    Setting(String),
    /// A pair stands there twice.
    #[error("{0} is said twice; say it once")]
    Twice(String),
    /// The delay is no duration.
    #[error("delay={0} is no duration; write {1}")]
    Delay(String, NotASpan),
    /// The status is none that a simulated provider knows.
    #[error("status={0} can't be simulated; it takes a status from 400 to 599, hang or cut")]
    Status(String),
}

impl FromStr for Simulate {
    type Err = NotARule;

    fn from_str(text: &str) -> Result<Self, NotARule> {
        if text.is_empty() {
            return Ok(Self::AtOnce);
        }
        let (provider, settings) = text.split_once(':').ok_or(NotARule::Form)?;
        if provider.is_empty() || settings.is_empty() {
            return Err(NotARule::Form);
        }
        let (mut delay, mut outcome, mut model) = (None, None, None);
        for setting in settings.split(',') {
            let no_setting = || NotARule::Setting(setting.into());
            let (name, value) =
                setting.split_once('=').filter(|(_, value)| !value.is_empty()).ok_or_else(no_setting)?;
            match name {
                "delay" => once(&mut delay, name, parse_delay(value)?)?,
                "status" => once(&mut outcome, name, parse_outcome(value)?)?,
                "model" => once(&mut model, name, value.to_owned())?,
                _ => return Err(no_setting()),
            }
        }
        let behaviour = Behaviour { delay: delay.unwrap_or_default(), outcome: outcome.unwrap_or_default() };
        Ok(Self::Rule(Rule { provider: provider.into(), model, behaviour }))
    }
}

/// Fills a place that is still empty.
fn once<T>(place: &mut Option<T>, name: impl Display, value: T) -> Result<(), NotARule> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(NotARule::Twice(name.to_string())),
    }
}

fn parse_delay(value: &str) -> Result<Duration, NotARule> {
    Span::parse(value).map(Span::as_duration).map_err(|error| NotARule::Delay(value.into(), error))
}

fn parse_outcome(value: &str) -> Result<Outcome, NotARule> {
    match value {
        "hang" => Ok(Outcome::Hang),
        "cut" => Ok(Outcome::Cut),
        number => match number.parse() {
            Ok(status @ 400..=599) => Ok(Outcome::Status(status)),
            Ok(_) | Err(_) => Err(NotARule::Status(number.into())),
        },
    }
}

/// All rules: how every simulated provider behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules(Vec<Rule>);

impl Rules {
    /// The rules of all the flags.
    ///
    /// # Errors
    /// When two rules are for the same provider and model.
    pub(crate) fn new(flags: &[Simulate]) -> Result<Self, String> {
        let mut rules: Vec<Rule> = Vec::new();
        for flag in flags {
            let Simulate::Rule(rule) = flag else { continue };
            if rules.iter().any(|other| other.provider == rule.provider && other.model == rule.model) {
                let model = rule.model.as_deref().map(|model| format!(" and model {model}")).unwrap_or_default();
                return Err(format!("two --simulate are for provider {}{model}; say it in one", rule.provider));
            }
            rules.push(rule.clone());
        }
        Ok(Self(rules))
    }

    /// What a provider does with a call for a model. A rule that names the model goes before one that names none.
    pub(crate) fn behaviour(&self, provider: &str, model: &str) -> Behaviour {
        let of_provider = || self.0.iter().filter(|rule| rule.provider == provider);
        let named = of_provider().find(|rule| rule.model.as_deref() == Some(model));
        named.or_else(|| of_provider().find(|rule| rule.model.is_none())).map(|rule| rule.behaviour).unwrap_or_default()
    }

    /// Every rule, in the order of the flags.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(provider: &str, model: Option<&str>, delay_millis: u64, outcome: Outcome) -> Simulate {
        let behaviour = Behaviour { delay: Duration::from_millis(delay_millis), outcome };
        Simulate::Rule(Rule { provider: provider.into(), model: model.map(Into::into), behaviour })
    }

    #[test]
    fn a_rule_says_whom_and_what() {
        let check = |text: &str, expected: Simulate| assert_eq!(text.parse(), Ok(expected), "{text}");
        check("", Simulate::AtOnce);
        check("openai:status=503", rule("openai", None, 0, Outcome::Status(503)));
        check("openai:model=gpt-4o,status=503", rule("openai", Some("gpt-4o"), 0, Outcome::Status(503)));
        check("a:delay=200ms", rule("a", None, 200, Outcome::Answer));
        check("a:delay=1s,status=hang", rule("a", None, 1000, Outcome::Hang));
        check("a:status=cut,model=org/m:free=1", rule("a", Some("org/m:free=1"), 0, Outcome::Cut));
    }

    #[test]
    fn what_is_no_rule_is_told_by_its_part() {
        let check = |text: &str, expected: &str| {
            let error = text.parse::<Simulate>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        };
        check("openai", "PROVIDER:delay=200ms");
        check(":status=503", "PROVIDER:delay=200ms");
        check("openai:", "PROVIDER:delay=200ms");
        check("openai:statos=503", "\"statos=503\" is no setting");
        check("openai:status", "\"status\" is no setting");
        check("openai:model=", "\"model=\" is no setting");
        check("openai:status=503,", "\"\" is no setting");
        check("openai:status=200", "status=200 can't be simulated; it takes a status from 400 to 599, hang or cut");
        check("openai:status=never", "status=never can't be simulated");
        check("openai:delay=fast", "delay=fast is no duration; write up to four whole numbers");
        check("openai:delay=1s,delay=2s", "delay is said twice");
    }

    #[test]
    fn a_rule_for_the_model_goes_before_one_for_all() {
        let flags: Vec<Simulate> =
            ["", "a:status=500", "a:model=m,status=hang"].map(|text| text.parse().unwrap()).into();
        let rules = Rules::new(&flags).unwrap();
        let check = |provider, model, expected| assert_eq!(rules.behaviour(provider, model).outcome, expected);
        check("a", "m", Outcome::Hang);
        check("a", "other", Outcome::Status(500));
        check("a", "", Outcome::Status(500));
        check("b", "m", Outcome::Answer);
    }

    #[test]
    fn two_rules_for_one_call_are_refused() {
        let refused = |one: &str, other: &str| Rules::new(&[one.parse().unwrap(), other.parse().unwrap()]).unwrap_err();
        assert!(refused("a:status=500", "a:delay=1s").contains("provider a; say it in one"));
        assert!(refused("a:model=m,status=500", "a:model=m,delay=1s").contains("provider a and model m"));
    }
}
