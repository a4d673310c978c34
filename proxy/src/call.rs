//! The values that pass between the stages of a request: what was asked, and what was used.

use std::ops::Range;

use bytes::Bytes;

/// The tokens of one answer. One rule for every provider: `input` counts all tokens read, the cached and the
/// cache-writing ones among them; `output` counts all tokens written, the reasoning ones among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// All tokens read.
    pub input: u64,
    /// Of `input`, those read from the provider's prompt cache.
    pub cached_input: u64,
    /// Of `input`, those written to the provider's prompt cache.
    pub cache_write: u64,
    /// All tokens written.
    pub output: u64,
    /// Of `output`, those of reasoning.
    pub reasoning: u64,
}

/// The wire format of a call to a generation endpoint, which its answer has too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI's chat completions.
    OpenAiChat,
    /// OpenAI's responses.
    OpenAiResponses,
    /// OpenAI's legacy completions.
    OpenAiCompletions,
    /// OpenAI's embeddings.
    OpenAiEmbeddings,
    /// OpenAI's others that take and give JSON (image generation) or bytes (audio): passed through, `usage` read
    /// where there is one.
    OpenAiOther,
    /// OpenAI's that take a form (transcription, image edits) and give JSON or bytes: passed through, `usage` read where
    /// there is one.
    OpenAiForm,
    /// Anthropic's Messages.
    AnthropicMessages,
    /// Anthropic's Messages as Vertex AI takes them: the model is in the path, `anthropic_version` in the body.
    AnthropicVertex,
    /// Gemini's `generateContent` and `streamGenerateContent`, at AI Studio and at Vertex AI.
    GeminiGenerate,
    /// Gemini's others that take and give JSON: embeddings, images.
    GeminiOther,
    /// Cohere's chat, version 2.
    CohereChat,
    /// Cohere's others that take and give JSON: the older chat, embeddings, rerank.
    CohereOther,
    /// Bedrock's Converse and `ConverseStream`.
    Converse,
    /// Bedrock's `InvokeModel` and `InvokeModelWithResponseStream`: each model's own format.
    BedrockInvoke,
    /// Workers AI's `ai/run`.
    WorkersAiRun,
    /// Hugging Face's inference by task: each model's own format.
    HuggingFaceTask,
    /// Replicate's predictions.
    ReplicatePrediction,
}

impl Dialect {
    /// Whether its answers are mostly text, which tokens can be estimated by; vectors, scores, pictures and what is only
    /// begun are not.
    pub fn makes_text(self) -> bool {
        match self {
            Self::OpenAiEmbeddings | Self::GeminiOther | Self::CohereOther | Self::ReplicatePrediction => false,
            Self::OpenAiChat
            | Self::OpenAiResponses
            | Self::OpenAiCompletions
            | Self::OpenAiOther
            | Self::OpenAiForm
            | Self::AnthropicMessages
            | Self::AnthropicVertex
            | Self::GeminiGenerate
            | Self::CohereChat
            | Self::Converse
            | Self::BedrockInvoke
            | Self::WorkersAiRun
            | Self::HuggingFaceTask => true,
        }
    }

    /// Whether clients speak it to any provider: such a call may be translated.
    pub fn client(self) -> Option<ClientFormat> {
        match self {
            Self::OpenAiChat => Some(ClientFormat::Chat),
            Self::AnthropicMessages => Some(ClientFormat::Messages),
            Self::OpenAiResponses => Some(ClientFormat::Responses),
            Self::OpenAiCompletions
            | Self::OpenAiEmbeddings
            | Self::OpenAiOther
            | Self::OpenAiForm
            | Self::AnthropicVertex
            | Self::GeminiGenerate
            | Self::GeminiOther
            | Self::CohereChat
            | Self::CohereOther
            | Self::Converse
            | Self::BedrockInvoke
            | Self::WorkersAiRun
            | Self::HuggingFaceTask
            | Self::ReplicatePrediction => None,
        }
    }
}

/// The formats of a conversation that clients speak to any provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientFormat {
    /// OpenAI's chat completions.
    Chat,
    /// Anthropic's Messages.
    Messages,
    /// OpenAI's responses.
    Responses,
}

/// What one look at the body of a call to a generation endpoint finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// `model`, unescaped.
    pub model: Option<String>,
    /// Where the value of `model` stands in the body; the quotes of JSON are of it.
    pub model_at: Option<Range<usize>>,
    /// `stream` is true.
    pub stream: bool,
    /// `stream_options.include_usage` is true: the caller wants the usage in the stream.
    pub include_usage: bool,
    /// Where the value of `stream_options` stands in the body.
    pub stream_options_at: Option<Range<usize>>,
    /// The call names state that the provider keeps: `previous_response_id`, `conversation`, `background`,
    /// `container`, `store: true` of Responses, a file id.
    pub stateful: bool,
    /// `max_tokens`, `max_completion_tokens` or `max_output_tokens`.
    pub max_output_tokens: Option<u64>,
}

/// A call to a generation endpoint, read once.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its wire format.
    pub dialect: Dialect,
    /// The body as it came.
    pub body: Bytes,
    /// What a look at the body found.
    pub probe: Probe,
}
