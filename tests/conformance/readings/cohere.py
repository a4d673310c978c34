"""What an answer of Cohere's says, read off the recorded bytes."""

import json
from typing import Any

from readings.said import Said
from recordings import Recording

FINISH_REASONS = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_calls",
}


def said(recording: Recording) -> Said:
    """Reads a recording. The plan to call tools is text like any other; what counts is what is charged for."""
    answer = gathered(recording) if recording.streaming else recording.json
    message, billed = answer["message"], answer["usage"]["billed_units"]
    calls = [(call["id"], call["function"]) for call in message.get("tool_calls") or []]
    texts = [part["text"] for part in message.get("content") or [] if part["type"] == "text"]
    return Said(
        text="".join(texts) + message.get("tool_plan", ""),
        tools=[(name, called["name"], json.loads(called["arguments"] or "{}")) for name, called in calls],
        finish_reason=FINISH_REASONS[answer["finish_reason"]],
        input_tokens=billed["input_tokens"],
        output_tokens=billed["output_tokens"],
    )


def gathered(recording: Recording) -> dict[str, Any]:
    """The answer that a recorded stream adds up to."""
    text, plan, calls, end = "", "", [], {}
    for event in filter(None, recording.events):
        delta = event.get("delta", {})
        message = delta.get("message", {})
        match event["type"]:
            case "content-delta":
                text += message["content"].get("text", "")
            case "tool-plan-delta":
                plan += message["tool_plan"]
            case "tool-call-start":
                calls.append(message["tool_calls"])
            case "tool-call-delta":
                calls[-1]["function"]["arguments"] += message["tool_calls"]["function"]["arguments"]
            case "message-end":
                end = delta
    content = [{"type": "text", "text": text}]
    return {"message": {"content": content, "tool_plan": plan, "tool_calls": calls}, **end}
