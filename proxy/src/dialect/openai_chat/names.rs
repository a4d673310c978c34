//! What a chat request calls the parts of a conversation.

use crate::provider::conversation::Field;

/// The path of a field from the body's root.
pub fn name(field: Field) -> &'static str {
    match field {
        Field::Tools => "tools",
        Field::ToolChoice => "tool_choice",
        Field::OneToolCall => "parallel_tool_calls",
        Field::ToolParameters => "tools[].function.parameters",
        Field::MaxOutputTokens => "max_completion_tokens",
        Field::Temperature => "temperature",
        Field::TopP => "top_p",
        Field::TopK => "top_k",
        Field::Seed => "seed",
        Field::FrequencyPenalty => "frequency_penalty",
        Field::PresencePenalty => "presence_penalty",
        Field::Choices => "n",
        Field::Logprobs => "logprobs",
        Field::Stop => "stop",
        Field::AnswerFormat => "response_format",
        Field::Images => "modalities",
        Field::MadeImage => "messages[].images",
        Field::Reasoning => "reasoning_effort",
        Field::Image => "messages[].content[].image_url",
        Field::Document => "messages[].content[].file",
        Field::Audio => "messages[].content[].input_audio",
        Field::ReasoningPart => "messages[].reasoning_content",
        Field::ToolResult => "messages[].content",
    }
}
