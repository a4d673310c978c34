"""What the SDKs of OpenAI and Anthropic read, in the same words whichever it was."""

import json
from typing import Any

from anthropic.types import Message
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response

from readings.anthropic import FINISH_REASONS
from readings.said import Said


def by_completion(answer: ChatCompletion) -> Said:
    """A chat completion."""
    [choice] = answer.choices
    calls = choice.message.tool_calls or []
    return Said(
        text=choice.message.content or "",
        tools=[(call.id, call.function.name, json.loads(call.function.arguments)) for call in calls],
        finish_reason=choice.finish_reason,
        input_tokens=answer.usage and answer.usage.prompt_tokens,
        output_tokens=answer.usage and answer.usage.completion_tokens,
    )


def by_chunks(chunks: list[ChatCompletionChunk]) -> Said:
    """What the chunks that OpenAI's SDK gave out add up to; the last one is that of the usage."""
    *chunks, last = chunks
    choices = [choice for chunk in chunks for choice in chunk.choices]
    tools: dict[int, list[Any]] = {}
    for call in (call for choice in choices for call in choice.delta.tool_calls or []):
        tool = tools.setdefault(call.index, ["", "", ""])
        for place, piece in enumerate((call.id, call.function.name, call.function.arguments)):
            tool[place] += piece or ""
    [finish_reason] = [choice.finish_reason for choice in choices if choice.finish_reason]
    return Said(
        text="".join(choice.delta.content or "" for choice in choices),
        tools=[(name, called, json.loads(arguments or "{}")) for name, called, arguments in tools.values()],
        finish_reason=finish_reason,
        input_tokens=last.usage.prompt_tokens,
        output_tokens=last.usage.completion_tokens,
    )


def by_message(message: Message) -> Said:
    """A message, or what a stream of one adds up to."""
    usage = message.usage
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return Said(
        text="".join(block.text for block in message.content if block.type == "text"),
        tools=[(one.id, one.name, one.input) for one in message.content if one.type == "tool_use"],
        finish_reason=FINISH_REASONS[message.stop_reason],
        input_tokens=usage.input_tokens + cached,
        output_tokens=usage.output_tokens,
    )


def by_response(response: Response) -> Said:
    """A response, or the one that ends a stream. It has no reason to stop but what is in it, or why it is not whole."""
    calls = [item for item in response.output if item.type == "function_call"]
    return Said(
        text=response.output_text,
        tools=[(call.call_id, call.name, json.loads(call.arguments)) for call in calls],
        finish_reason=reason(response, bool(calls)),
        input_tokens=response.usage and response.usage.input_tokens,
        output_tokens=response.usage and response.usage.output_tokens,
    )


def reason(response: Response, has_calls: bool) -> str:
    """Why a response ended."""
    if response.incomplete_details:
        return {"max_output_tokens": "length"}.get(
            response.incomplete_details.reason, response.incomplete_details.reason
        )
    return "tool_calls" if has_calls else "stop"
