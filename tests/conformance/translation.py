"""What an answer of Anthropic's is in the words of OpenAI's chat completions, read off the recorded bytes.

An independent and shorter reading than the gateway's own: text, tool calls, the reason to stop, and usage.
"""

import json
from dataclasses import dataclass
from typing import Any

from recordings import Recording

FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}

QUESTION: dict[str, Any] = {
    "messages": [{"role": "user", "content": "What is the weather in Paris?"}],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "The weather of a place",
                "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
            },
        }
    ],
}
"""A chat request that any of the recordings can be the answer to."""


@dataclass(frozen=True)
class Said:
    """What an answer says."""

    text: str
    tools: list[tuple[str, str, Any]]
    """Id, name and parsed arguments."""
    finish_reason: str
    input_tokens: int
    output_tokens: int


def said(recording: Recording) -> Said:
    """Reads a recording."""
    return said_by_message(gathered(recording) if recording.streaming else recording.json)


def said_by_message(message: dict[str, Any]) -> Said:
    """Reads a whole message."""
    usage = message["usage"]
    cached = sum(usage.get(field) or 0 for field in ("cache_creation_input_tokens", "cache_read_input_tokens"))
    return Said(
        text="".join(block["text"] for block in message["content"] if block["type"] == "text"),
        tools=[(one["id"], one["name"], one["input"]) for one in message["content"] if one["type"] == "tool_use"],
        finish_reason=FINISH_REASONS[message["stop_reason"]],
        input_tokens=usage["input_tokens"] + cached,
        output_tokens=usage["output_tokens"],
    )


def gathered(recording: Recording) -> dict[str, Any]:
    """The message that a recorded stream adds up to."""
    message: dict[str, Any] = {}
    arguments: dict[int, str] = {}
    for event in filter(None, recording.events):
        match event["type"]:
            case "message_start":
                message = {**event["message"], "content": []}
            case "content_block_start":
                message["content"].append(dict(event["content_block"]))
                arguments[event["index"]] = ""
            case "content_block_delta":
                block, delta = message["content"][event["index"]], event["delta"]
                if delta["type"] == "text_delta":
                    block["text"] += delta["text"]
                arguments[event["index"]] += delta.get("partial_json", "")
            case "message_delta":
                message["stop_reason"] = event["delta"]["stop_reason"]
                message["usage"] |= {name: count for name, count in event["usage"].items() if count is not None}
    for index, text in arguments.items():
        message["content"][index]["input"] = json.loads(text or "{}")
    return message


def heard(chunks: list[Any]) -> Said:
    """What the chunks that OpenAI's SDK gave out add up to; the last one is that of the usage."""
    *chunks, last = chunks
    choices = [choice for chunk in chunks for choice in chunk.choices]
    tools: dict[int, list[str]] = {}
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
