//! What a Responses request calls the parts of a conversation.

use crate::provider::conversation::Field;

/// The path of a field from the body's root. What Responses has no field for is never asked for.
pub fn name(field: Field) -> &'static str {
    match field {
        Field::Tools => "tools",
        Field::ToolChoice => "tool_choice",
        Field::OneToolCall => "parallel_tool_calls",
        Field::ToolParameters => "tools[].parameters",
        Field::MaxOutputTokens => "max_output_tokens",
        Field::Temperature => "temperature",
        Field::TopP => "top_p",
        Field::TopK => "top_k",
        Field::Seed => "seed",
        Field::FrequencyPenalty => "frequency_penalty",
        Field::PresencePenalty => "presence_penalty",
        Field::Choices => "n",
        Field::Logprobs => "top_logprobs",
        Field::Stop => "stop",
        Field::AnswerFormat => "text.format",
        Field::Images => "modalities",
        Field::MadeImage => "input[].result",
        Field::Reasoning => "reasoning",
        Field::Image => "input[].content[].image_url",
        Field::Document => "input[].content[].file_data",
        Field::Audio => "input[].content[].input_audio",
        Field::ReasoningPart => "input[].summary",
        Field::ToolResult => "input[].output",
    }
}
