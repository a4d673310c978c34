//! What a Messages request calls the parts of a conversation.

use crate::provider::conversation::Field;

/// The path of a field from the body's root. What Messages has no field for is never asked for.
pub fn name(field: Field) -> &'static str {
    match field {
        Field::Tools => "tools",
        Field::ToolChoice => "tool_choice",
        Field::OneToolCall => "tool_choice.disable_parallel_tool_use",
        Field::ToolParameters => "tools[].input_schema",
        Field::MaxOutputTokens => "max_tokens",
        Field::Temperature => "temperature",
        Field::TopP => "top_p",
        Field::TopK => "top_k",
        Field::Seed => "seed",
        Field::FrequencyPenalty => "frequency_penalty",
        Field::PresencePenalty => "presence_penalty",
        Field::Choices => "n",
        Field::Logprobs => "logprobs",
        Field::Stop => "stop_sequences",
        Field::AnswerFormat => "output_config.format",
        Field::Images => "modalities",
        Field::Reasoning => "thinking",
        Field::Image | Field::MadeImage | Field::Document => "messages[].content[].source",
        Field::Audio => "messages[].content[]",
        Field::ReasoningPart => "messages[].content[].thinking",
        Field::ToolResult => "messages[].content[].content",
    }
}
