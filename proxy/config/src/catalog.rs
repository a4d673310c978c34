//! The providers that are known by name, as data: what each is called, where it is, which API it speaks.
//!
//! A provider that speaks OpenAI's formats is a row here and a variant of [`ProviderType`], and nothing else. Sources: each
//! provider's API reference, November 2026; slugs and aliases are those of Cloudflare AI Gateway.

use crate::provider::{Options, ProviderType};

/// The base URL of an `azure-openai` of which neither the resource nor a URL is configured: the path of each call names
/// the resource.
pub const AZURE_ANY: &str = "https://openai.azure.com";

/// What is known of a provider by its type alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its slug in URLs, and the name that needs no `type`.
    pub slug: &'static str,
    /// Other slugs that mean it, unless a provider of the gateway has that name.
    pub aliases: &'static [&'static str],
    /// Where it is, as its SDK takes it; `None` where that is different for everyone.
    pub base_url: Option<&'static str>,
    /// The API that it speaks.
    pub api: Api,
    /// Which of OpenAI's endpoints it has, and reranking, less what stands before them.
    pub openai: &'static [&'static str],
    /// Where it takes Anthropic's Messages, below its base URL.
    pub messages: Option<&'static str>,
}

/// The APIs that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// OpenAI's, or one that has its formats and its `Authorization: Bearer`.
    OpenAi,
    /// Anthropic's Messages.
    Anthropic,
    /// OpenAI's formats below a deployment of Azure's.
    Azure,
    /// Google's Gemini API, by key.
    Gemini,
    /// The same formats at Vertex AI, by a service account's token.
    Vertex,
    /// Cohere's.
    Cohere,
    /// Hugging Face's router: OpenAI's formats, and inference by task.
    HuggingFace,
    /// Replicate's predictions.
    Replicate,
    /// Cloudflare's Workers AI: `ai/run`, and OpenAI's formats.
    WorkersAi,
    /// Amazon Bedrock's Converse and `InvokeModel`, signed.
    Bedrock,
}

const CHAT: &str = "chat/completions";
const RESPONSES: &str = "responses";
const COMPLETIONS: &str = "completions";
const EMBEDDINGS: &str = "embeddings";
const IMAGES: &str = "images/generations";
const SPEECH: &str = "audio/speech";
const RERANK: &str = "rerank";
const TRANSCRIPTIONS: &str = "audio/transcriptions";
const TRANSLATIONS: &str = "audio/translations";
const EDITS: &str = "images/edits";
const VARIATIONS: &str = "images/variations";
const OPENAI: &[&str] =
    &[CHAT, RESPONSES, COMPLETIONS, EMBEDDINGS, IMAGES, SPEECH, TRANSCRIPTIONS, TRANSLATIONS, EDITS, VARIATIONS];
/// What a server that speaks OpenAI's formats may have.
const ALL: &[&str] = &[
    CHAT,
    RESPONSES,
    COMPLETIONS,
    EMBEDDINGS,
    IMAGES,
    SPEECH,
    RERANK,
    TRANSCRIPTIONS,
    TRANSLATIONS,
    EDITS,
    VARIATIONS,
];

/// One that speaks OpenAI's formats.
const fn compatible(slug: &'static str, base_url: &'static str, openai: &'static [&'static str]) -> Facts {
    Facts { slug, aliases: &[], base_url: Some(base_url), api: Api::OpenAi, openai, messages: None }
}

/// One that speaks its own.
const fn own(slug: &'static str, base_url: Option<&'static str>, api: Api) -> Facts {
    Facts { slug, aliases: &[], base_url, api, openai: &[], messages: None }
}

impl ProviderType {
    /// Every type, in the order of the documentation.
    pub const ALL: [Self; 20] = [
        Self::Openai,
        Self::Anthropic,
        Self::AzureOpenai,
        Self::GoogleAiStudio,
        Self::GoogleVertexAi,
        Self::Cohere,
        Self::Groq,
        Self::Huggingface,
        Self::Mistral,
        Self::PerplexityAi,
        Self::Replicate,
        Self::WorkersAi,
        Self::AwsBedrock,
        Self::Xai,
        Self::Deepseek,
        Self::Cerebras,
        Self::Openrouter,
        Self::Fireworks,
        Self::OpenaiCompatible,
        Self::Custom,
    ];

    /// What is known of it.
    pub const fn facts(self) -> Facts {
        match self {
            Self::Openai => compatible("openai", "https://api.openai.com/v1", OPENAI),
            Self::Anthropic => {
                let row = own("anthropic", Some("https://api.anthropic.com"), Api::Anthropic);
                Facts { messages: Some("v1/messages"), ..row }
            }
            Self::AzureOpenai => {
                // Source: <https://learn.microsoft.com/azure/ai-services/openai/reference>, November 2026.
                let openai =
                    &[CHAT, RESPONSES, COMPLETIONS, EMBEDDINGS, IMAGES, SPEECH, TRANSCRIPTIONS, TRANSLATIONS, EDITS];
                Facts { openai, ..own("azure-openai", Some(AZURE_ANY), Api::Azure) }
            }
            Self::GoogleAiStudio => {
                let base_url = Some("https://generativelanguage.googleapis.com");
                Facts { aliases: &["google"], ..own("google-ai-studio", base_url, Api::Gemini) }
            }
            Self::GoogleVertexAi => own("google-vertex-ai", Some("https://aiplatform.googleapis.com"), Api::Vertex),
            Self::Cohere => {
                // The shape of its reranking is the one that others took over.
                // Source: <https://docs.cohere.com/reference/rerank>, November 2026.
                Facts { openai: &[RERANK], ..own("cohere", Some("https://api.cohere.com"), Api::Cohere) }
            }
            Self::Groq => {
                let openai = &[CHAT, RESPONSES, SPEECH, TRANSCRIPTIONS, TRANSLATIONS];
                compatible("groq", "https://api.groq.com/openai/v1", openai)
            }
            Self::Huggingface => {
                let openai = &[CHAT, RESPONSES, EMBEDDINGS];
                Facts { openai, ..own("huggingface", Some("https://router.huggingface.co"), Api::HuggingFace) }
            }
            Self::Mistral => compatible("mistral", "https://api.mistral.ai/v1", &[CHAT, EMBEDDINGS, TRANSCRIPTIONS]),
            Self::PerplexityAi => {
                // Of its endpoints this one has no version.
                let row = compatible("perplexity-ai", "https://api.perplexity.ai", &[CHAT, "v1/embeddings"]);
                Facts { aliases: &["perplexity"], ..row }
            }
            Self::Replicate => own("replicate", Some("https://api.replicate.com/v1"), Api::Replicate),
            Self::WorkersAi => {
                let openai = &[CHAT, RESPONSES, EMBEDDINGS];
                Facts { openai, ..own("workers-ai", None, Api::WorkersAi) }
            }
            Self::AwsBedrock => own("aws-bedrock", None, Api::Bedrock),
            Self::Xai => {
                let openai = &[CHAT, RESPONSES, COMPLETIONS, EMBEDDINGS, IMAGES];
                Facts { aliases: &["grok"], ..compatible("xai", "https://api.x.ai/v1", openai) }
            }
            Self::Deepseek => {
                let row = compatible("deepseek", "https://api.deepseek.com", &[CHAT, COMPLETIONS]);
                Facts { messages: Some("anthropic/v1/messages"), ..row }
            }
            Self::Cerebras => compatible("cerebras", "https://api.cerebras.ai/v1", &[CHAT, COMPLETIONS]),
            Self::Openrouter => {
                let openai = &[CHAT, RESPONSES, COMPLETIONS, EMBEDDINGS];
                compatible("openrouter", "https://openrouter.ai/api/v1", openai)
            }
            Self::Fireworks => {
                let openai = &[CHAT, RESPONSES, COMPLETIONS, EMBEDDINGS, RERANK];
                compatible("fireworks", "https://api.fireworks.ai/inference/v1", openai)
            }
            Self::OpenaiCompatible => Facts { base_url: None, ..compatible("openai-compatible", "", ALL) },
            Self::Custom => Facts { base_url: None, ..compatible("custom", "", ALL) },
        }
    }

    /// Where one of this type is whose URL is not configured; `None` where its options don't say enough, or nothing does.
    pub fn base_url(self, options: Option<&Options>) -> Option<String> {
        match options {
            Some(Options::Azure { resource: Some(resource), api_version: _, deployments: _ }) => {
                Some(format!("https://{resource}.openai.azure.com"))
            }
            Some(Options::Vertex { project: _, region }) if region != "global" => {
                Some(format!("https://{region}-aiplatform.googleapis.com"))
            }
            Some(Options::WorkersAi { account_id }) => {
                Some(format!("https://api.cloudflare.com/client/v4/accounts/{account_id}/ai"))
            }
            Some(Options::Bedrock { region }) => Some(format!("https://bedrock-runtime.{region}.amazonaws.com")),
            Some(Options::Azure { .. } | Options::Vertex { .. }) | None => self.facts().base_url.map(str::to_owned),
        }
    }

    /// The type that a provider's name says by itself.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.facts().slug == name && *kind != Self::Custom)
    }

    /// The type that another slug means: `grok` is `xai`.
    pub fn aliased(alias: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.facts().aliases.contains(&alias))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::url::check_base_url;

    #[test]
    fn every_type_has_its_own_slug_which_is_its_name_in_a_spec() {
        let slugs: BTreeSet<&str> = ProviderType::ALL.iter().map(|kind| kind.facts().slug).collect();
        assert_eq!(slugs.len(), ProviderType::ALL.len());
        for kind in ProviderType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.facts().slug);
        }
    }

    #[test]
    fn every_base_url_is_one() {
        for facts in ProviderType::ALL.map(ProviderType::facts) {
            let judged = facts.base_url.map_or(Ok(()), check_base_url);
            assert_eq!(judged, Ok(()), "{}", facts.slug);
        }
    }

    #[test]
    fn options_say_where_a_provider_is() {
        let bedrock = Options::Bedrock { region: "eu-central-1".to_owned() };
        let url = |kind: ProviderType, options: Option<&Options>| kind.base_url(options);
        let bedrock = url(ProviderType::AwsBedrock, Some(&bedrock));
        assert_eq!(bedrock.as_deref(), Some("https://bedrock-runtime.eu-central-1.amazonaws.com"));
        let vertex = |region: &str| {
            let options = Options::Vertex { project: None, region: region.to_owned() };
            ProviderType::GoogleVertexAi.base_url(Some(&options))
        };
        assert_eq!(vertex("europe-west1").as_deref(), Some("https://europe-west1-aiplatform.googleapis.com"));
        assert_eq!(vertex("global").as_deref(), Some("https://aiplatform.googleapis.com"));
        assert_eq!(url(ProviderType::AzureOpenai, None).as_deref(), Some(AZURE_ANY));
        assert_eq!(url(ProviderType::Openai, None).as_deref(), Some("https://api.openai.com/v1"));
        assert_eq!(url(ProviderType::WorkersAi, None), None);
        assert_eq!(url(ProviderType::Custom, None), None);
    }

    #[test]
    fn an_alias_means_one_type() {
        assert_eq!(ProviderType::aliased("grok"), Some(ProviderType::Xai));
        assert_eq!(ProviderType::aliased("xai"), None);
        assert_eq!(ProviderType::named("custom"), None);
    }
}
