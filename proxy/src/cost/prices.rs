//! The built-in prices: what models cost, and so which names they have.
//!
//! The table is `proxy/prices/table.json`; `proxy/prices/README.md` says where it comes from. It holds the standard
//! tier. Not in it: prices for batches, priority, and for prompts beyond a length; a gateway's own `models[].price`
//! overrides it.

use std::collections::HashMap;

use aigateway_config::price::{PicoPerToken, Price};
use aigateway_config::provider::ProviderType;
use serde::Deserialize;

const TABLE: &str = include_str!("../../prices/table.json");

/// What models cost, by provider type and the name that the provider gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceTable {
    models: Models,
    /// Those that only a provider's own door takes, in another format than its own: Claude at Vertex AI.
    native: Models,
}

type Models = HashMap<ProviderType, HashMap<String, PicoPerToken>>;

#[derive(Deserialize)]
struct File {
    providers: HashMap<ProviderType, HashMap<String, Price>>,
    native: HashMap<ProviderType, HashMap<String, Price>>,
}

impl PriceTable {
    /// The table that is compiled in. Parsing takes about a millisecond: once, at the start.
    ///
    /// # Panics
    /// Never: a test parses the same text.
    pub fn builtin() -> Self {
        let file: File = serde_json::from_str(TABLE).expect("a test parses the same text");
        let parsed = |(name, price): (String, Price)| (name, price.parse().expect("a test parses the same prices"));
        let all = |group: HashMap<ProviderType, HashMap<String, Price>>| {
            group.into_iter().map(|(kind, models)| (kind, models.into_iter().map(parsed).collect())).collect()
        };
        Self { models: all(file.providers), native: all(file.native) }
    }

    /// What a model costs. Dated snapshots have entries of their own; `openai-compatible` has none at all.
    pub fn get(&self, kind: ProviderType, model: &str) -> Option<&PicoPerToken> {
        fn find<'a>(models: &'a Models, kind: ProviderType, model: &str) -> Option<&'a PicoPerToken> {
            models.get(&kind)?.get(model)
        }
        find(&self.models, kind, model).or_else(|| find(&self.native, kind, model))
    }

    /// The names that providers of this type have for models in their own format, in no order.
    pub fn names(&self, kind: ProviderType) -> impl Iterator<Item = &str> {
        self.models.get(&kind).into_iter().flat_map(HashMap::keys).map(String::as_str)
    }

    /// Whether providers of this type have a model of that name in their own format.
    pub fn knows(&self, kind: ProviderType, model: &str) -> bool {
        self.models.get(&kind).is_some_and(|models| models.contains_key(model))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_prices_that_the_providers_publish() {
        let table = PriceTable::builtin();
        let price = |kind, model| *table.get(kind, model).unwrap();
        let dollars =
            |input, cached_input, cache_write, output| PicoPerToken { input, cached_input, cache_write, output };
        assert_eq!(price(ProviderType::Openai, "gpt-4o-mini-2024-07-18"), dollars(150_000, 75_000, 150_000, 600_000));
        assert_eq!(
            price(ProviderType::Anthropic, "claude-haiku-4-5"),
            dollars(1_000_000, 100_000, 1_250_000, 5_000_000)
        );
        assert_eq!(price(ProviderType::Openai, "text-embedding-3-small"), dollars(20_000, 20_000, 20_000, 0));
    }

    #[test]
    fn a_model_is_known_at_its_own_provider_only() {
        let table = PriceTable::builtin();
        assert!(table.knows(ProviderType::Openai, "gpt-4o-mini"));
        assert!(!table.knows(ProviderType::Anthropic, "gpt-4o-mini"));
        assert!(!table.knows(ProviderType::OpenaiCompatible, "gpt-4o-mini"));
        assert!(!table.knows(ProviderType::GoogleVertexAi, "claude-haiku-4-5"));
        assert!(table.get(ProviderType::GoogleVertexAi, "claude-haiku-4-5").is_some());
    }
}
