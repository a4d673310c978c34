//! The probabilities of tokens, as items of OpenAI's `logprobs.content`.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::provider::conversation::Text;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogprobsResult<'a> {
    #[serde(borrow)]
    chosen_candidates: Option<Vec<Chosen<'a>>>,
    #[serde(borrow)]
    top_candidates: Option<Vec<Alternatives<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Alternatives<'a> {
    #[serde(borrow)]
    candidates: Option<Vec<Chosen<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Chosen<'a> {
    #[serde(borrow)]
    token: Text<'a>,
    log_probability: Option<Number>,
}

#[derive(Serialize)]
struct Item<'a> {
    #[serde(flatten)]
    chosen: Likely<'a>,
    top_logprobs: Vec<Likely<'a>>,
}

#[derive(Serialize)]
struct Likely<'a> {
    token: &'a str,
    /// Google leaves out what is 0, which is certainty.
    logprob: Number,
    bytes: &'a [u8],
}

impl<'a> From<&'a Chosen<'_>> for Likely<'a> {
    fn from(chosen: &'a Chosen<'_>) -> Self {
        let logprob = chosen.log_probability.clone().unwrap_or_else(|| 0.into());
        Self { token: &chosen.token, logprob, bytes: chosen.token.as_bytes() }
    }
}

/// The items, as a JSON array without its brackets; `None` where there are none.
pub(super) fn items(result: &LogprobsResult<'_>) -> Option<String> {
    let chosen = result.chosen_candidates.as_deref().unwrap_or_default();
    let alternatives = result.top_candidates.as_deref().unwrap_or_default();
    let item = |(at, chosen): (usize, &Chosen<'_>)| {
        let others = alternatives.get(at).and_then(|step| step.candidates.as_deref()).unwrap_or_default();
        serde_json::to_string(&Item { chosen: chosen.into(), top_logprobs: others.iter().map(Likely::from).collect() })
    };
    let items: Vec<String> = chosen.iter().enumerate().map(item).collect::<Result<_, _>>().ok()?;
    (!items.is_empty()).then(|| items.join(","))
}
