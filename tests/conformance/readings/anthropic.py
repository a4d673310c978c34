"""What an answer of Anthropic's says, read off the recorded bytes."""

import json
from typing import Any

from readings.said import Said
from recordings import Recording

FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


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
