//! Providers: where calls go, with which key and how long they may take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::Span;
use crate::price::Price;

/// One upstream API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provider {
    /// The slug in URLs and in `openai/gpt-4o-mini`.
    pub name: String,
    /// Which API it speaks.
    #[serde(rename = "type")]
    pub kind: ProviderType,
    /// Written as that provider's SDK takes it: openai with `/v1`, anthropic without.
    pub base_url: String,
    /// Stored keys; the first is the one that is used.
    pub credentials: Vec<Credential>,
    /// What happens to the key that a caller brings.
    pub caller_keys: CallerKeys,
    /// Models that this provider is known to serve.
    pub models: Vec<Model>,
    /// How long each part of a call may take.
    pub timeouts: Timeouts,
    /// What its type alone has; `None` where it is of another type, or everything is left to the path of each call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Options>,
    /// Headers that are added to every call, by unique name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// What becomes of a field that has no counterpart at this provider.
    #[serde(default, skip_serializing_if = "UnsupportedFields::is_default")]
    pub unsupported_fields: UnsupportedFields,
    /// How its certificate is judged; `None`: by the platform's roots and the name in the base URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

impl Provider {
    /// Every file that holds something secret of it, and the one of its certificates.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let keys = self.credentials.iter().flat_map(|Credential { name: _, file, aws }| {
            let aws = aws.iter().flat_map(|AwsFiles { access_key_id, session_token }| {
                std::iter::once(access_key_id).chain(session_token)
            });
            std::iter::once(file).chain(aws)
        });
        let headers = self.headers.iter().filter_map(|header| match &header.value {
            HeaderSource::File(file) => Some(file),
            HeaderSource::Text(_) => None,
        });
        keys.chain(headers).chain(self.tls.iter().filter_map(|tls| tls.ca_file.as_ref())).map(String::as_str)
    }
}

/// Which API a provider speaks. The names are the slugs of URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderType {
    /// OpenAI's API at `https://api.openai.com/v1`.
    Openai,
    /// Anthropic's API at `https://api.anthropic.com`.
    Anthropic,
    /// Azure OpenAI, at `https://{resource}.openai.azure.com`.
    AzureOpenai,
    /// Google's Gemini API at `https://generativelanguage.googleapis.com`.
    GoogleAiStudio,
    /// Google's Vertex AI, at `https://{region}-aiplatform.googleapis.com`.
    GoogleVertexAi,
    /// Cohere's API at `https://api.cohere.com`.
    Cohere,
    /// Groq's API at `https://api.groq.com/openai/v1`.
    Groq,
    /// Hugging Face's router at `https://router.huggingface.co`.
    Huggingface,
    /// Mistral's API at `https://api.mistral.ai/v1`.
    Mistral,
    /// Perplexity's API at `https://api.perplexity.ai`.
    PerplexityAi,
    /// Replicate's API at `https://api.replicate.com/v1`.
    Replicate,
    /// Cloudflare's Workers AI, at `https://api.cloudflare.com/client/v4/accounts/{account}/ai`.
    WorkersAi,
    /// Amazon Bedrock's runtime, at `https://bedrock-runtime.{region}.amazonaws.com`.
    AwsBedrock,
    /// xAI's API at `https://api.x.ai/v1`.
    Xai,
    /// `DeepSeek`'s API at `https://api.deepseek.com`.
    Deepseek,
    /// Cerebras' API at `https://api.cerebras.ai/v1`.
    Cerebras,
    /// `OpenRouter`'s API at `https://openrouter.ai/api/v1`.
    Openrouter,
    /// Fireworks' API at `https://api.fireworks.ai/inference/v1`.
    Fireworks,
    /// Any API that speaks OpenAI's formats.
    OpenaiCompatible,
    /// Any HTTP API.
    Custom,
}

/// What one type of provider has and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Options {
    /// Of `azure-openai`.
    Azure {
        /// The `{resource}` of `https://{resource}.openai.azure.com`; `None`: the path of each call names it.
        resource: Option<String>,
        /// The `api-version` of a call that names none.
        api_version: String,
        /// Which deployment serves a model; of another model it has the same name.
        deployments: Vec<Deployment>,
    },
    /// Of `google-vertex-ai`.
    Vertex {
        /// The project; `None`: that of the service account.
        project: Option<String>,
        /// The region, such as `europe-west1` or `global`.
        region: String,
    },
    /// Of `workers-ai`.
    WorkersAi {
        /// Cloudflare's account.
        account_id: String,
    },
    /// Of `aws-bedrock`.
    Bedrock {
        /// The region, such as `eu-central-1`.
        region: String,
    },
}

/// A deployment of Azure's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deployment {
    /// The model that callers ask for.
    pub model: String,
    /// The deployment's name.
    pub name: String,
}

/// A header that is added to every call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// Its name, in lower case.
    pub name: String,
    /// Its value, or where that is.
    pub value: HeaderSource,
}

/// Where the value of a header is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HeaderSource {
    /// Here.
    Text(String),
    /// In this file, by its absolute path.
    File(String),
}

/// What becomes of a field that has no counterpart at a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UnsupportedFields {
    /// The call is refused with a 400 that names the field.
    #[default]
    Refuse,
    /// It is left out.
    Drop,
}

impl UnsupportedFields {
    /// Whether nobody need be told: an older proxy knows no other.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference to what it may skip")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How a provider's certificate is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tls {
    /// The absolute path of a file of PEM certificates that are trusted in place of the platform's roots.
    pub ca_file: Option<String>,
    /// The name that the certificate must show, in place of the base URL's host.
    pub server_name: Option<String>,
}

/// A stored key: the files that hold it, by their absolute paths. The whole content of each, less white space around it,
/// is what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credential {
    /// Its alias.
    pub name: String,
    /// The key; for AWS the secret access key.
    pub file: String,
    /// What AWS needs beside it; `None` for all other providers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsFiles>,
}

/// What AWS needs beside a secret access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwsFiles {
    /// The access key's id.
    pub access_key_id: String,
    /// The session token, which temporary credentials have.
    pub session_token: Option<String>,
}

/// What happens to the key that a caller brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum CallerKeys {
    /// It goes to the requested provider; the stored key is used only when the caller brings none.
    Forward,
    /// It is dropped; the stored key is used.
    Ignore,
}

/// A model of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Model {
    /// What callers say; with `*` at its end, all names that begin so.
    pub name: String,
    /// What the provider is asked for; with `*` at its end, that stands for what the name's stood for.
    pub upstream_name: String,
    /// What it costs, in place of the built-in price.
    pub price: Option<Price>,
}

/// How long each part of a call may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timeouts {
    /// Name lookup, TCP and TLS together.
    pub connect: Span,
    /// From the request to the first event of a stream; comments don't count.
    pub first_byte: Span,
    /// From the request to the end of an answer that is not streamed.
    pub answer: Span,
    /// Between two reads of a stream; comments count.
    pub idle: Span,
    /// The whole attempt; `None` is no bound.
    pub total: Option<Span>,
    /// How long a client may take none of what is ready for it.
    pub client_write: Span,
}
