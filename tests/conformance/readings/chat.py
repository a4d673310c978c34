"""What an answer in the format of OpenAI's chat completions says, read off the recorded bytes."""

import json
from typing import Any

from readings.said import Said
from recordings import Recording


def said(recording: Recording) -> Said:
    """Reads a recording."""
    return said_by_answer(gathered(recording) if recording.streaming else recording.json)


def said_by_answer(answer: dict[str, Any]) -> Said:
    """Reads a whole answer."""
    [choice] = answer["choices"]
    message, usage = choice["message"], answer.get("usage") or {}
    calls = [(call["id"], call["function"]) for call in message.get("tool_calls") or []]
    return Said(
        text=text_of(message.get("content")),
        tools=[(name, called["name"], json.loads(called["arguments"] or "{}")) for name, called in calls],
        finish_reason=reason(choice),
        input_tokens=usage.get("prompt_tokens"),
        # Of all tokens, since xAI's models count their thoughts beside the completion.
        output_tokens=usage["total_tokens"] - usage["prompt_tokens"] if usage else None,
    )


def reason(choice: dict[str, Any]) -> str:
    """Why it ended. Previews of OpenAI's said it in `finish_details`."""
    said = choice["finish_reason"] if "finish_reason" in choice else choice["finish_details"]["type"]
    return FINISH_REASONS.get(said, said)


FINISH_REASONS = {"eos_token": "stop", "stop_sequence": "stop", "max_tokens": "length"}
"""Words of Hugging Face's and of those previews for OpenAI's own."""


def text_of(content: str | list[dict[str, Any]] | None) -> str:
    """Mistral's may be parts, of which some are thoughts."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def gathered(recording: Recording) -> dict[str, Any]:
    """The answer that a recorded stream adds up to."""
    text, reason, usage = "", None, None
    calls: dict[int, dict[str, Any]] = {}
    for chunk in filter(None, recording.events):
        usage = chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage") or usage
        for choice in chunk["choices"]:
            text += text_of(choice["delta"].get("content"))
            reason = choice.get("finish_reason") or reason
            for piece in choice["delta"].get("tool_calls") or []:
                add(calls.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""}), piece)
    tools = [{"id": call["id"], "function": call} for _, call in sorted(calls.items())]
    return {
        "choices": [{"message": {"content": text, "tool_calls": tools}, "finish_reason": reason}],
        "usage": usage,
    }


def add(call: dict[str, Any], piece: dict[str, Any]) -> None:
    """A piece of a tool call to what there is of it."""
    call["id"] = piece.get("id") or call["id"]
    for field in ("name", "arguments"):
        call[field] += piece.get("function", {}).get(field) or ""
