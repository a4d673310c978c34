//! What providers of OpenAI's chat format do differently when they are asked.
//!
//! Not here: what they do differently when they answer, which is read with tolerance, whoever it is.

use aigateway_config::provider::ProviderType;

/// The bound of an answer has the name `max_completion_tokens`. `max_tokens` is the older one, which the reasoning models
/// of OpenAI refuse and most others know alone. Source: <https://developers.openai.com/api/reference>, November 2026.
pub(super) fn knows_max_completion_tokens(kind: ProviderType) -> bool {
    matches!(kind, ProviderType::Openai | ProviderType::AzureOpenai)
}

/// A message may be an array of texts, whoever says it. Elsewhere only the user's may be: `DeepSeek` and many chat
/// templates take nothing but one text.
pub(super) fn takes_arrays_of_texts(kind: ProviderType) -> bool {
    matches!(kind, ProviderType::Openai | ProviderType::AzureOpenai)
}

/// `top_k` is among its options. OpenAI and Azure have none; the others take it, or refuse it in their own words.
pub(super) fn knows_top_k(kind: ProviderType) -> bool {
    !matches!(kind, ProviderType::Openai | ProviderType::AzureOpenai)
}

/// It takes back what its model thought, as `reasoning_content`. Sources:
/// <https://api-docs.deepseek.com/guides/thinking_mode>, <https://docs.fireworks.ai/guides/reasoning>,
/// <https://openrouter.ai/docs/guides/best-practices/reasoning-tokens>, November 2026.
pub(super) fn takes_thoughts(kind: ProviderType) -> bool {
    matches!(kind, ProviderType::Deepseek | ProviderType::Fireworks | ProviderType::Openrouter)
}

/// It takes `user`. Mistral refuses fields that it does not know: <https://docs.mistral.ai/api/endpoint/chat>,
/// November 2026.
pub(super) fn knows_user(kind: ProviderType) -> bool {
    kind != ProviderType::Mistral
}

/// The name of `seed`.
pub(super) fn has_random_seed(kind: ProviderType) -> bool {
    kind == ProviderType::Mistral
}

/// Its streams tell the usage only to who asks with `stream_options.include_usage`. Mistral's and Perplexity's always do,
/// and Mistral refuses the field.
pub fn must_be_asked_for_usage(kind: ProviderType) -> bool {
    !matches!(kind, ProviderType::Mistral | ProviderType::PerplexityAi)
}
