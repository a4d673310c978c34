"""What an answer of Gemini's says, read off the recorded bytes."""

from typing import Any

from readings.said import Said
from recordings import Recording

FINISH_REASONS = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter"}


def said(recording: Recording) -> Said:
    """Reads a recording. Each event of a stream is an answer with the next parts, and the last one has the usage."""
    answers = [event for event in recording.events if event] if recording.streaming else [recording.json]
    candidates = [candidate for answer in answers for candidate in answer["candidates"]]
    parts = [part for candidate in candidates for part in candidate["content"].get("parts", [])]
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    [reason] = [candidate["finishReason"] for candidate in candidates if "finishReason" in candidate]
    return Said(
        text="".join(part["text"] for part in parts if "text" in part and not part.get("thought")),
        tools=[(call.get("id"), call["name"], call.get("args", {})) for call in calls],
        finish_reason="tool_calls" if calls else FINISH_REASONS[reason],
        input_tokens=tokens(answers[-1], "promptTokenCount", "toolUsePromptTokenCount"),
        output_tokens=tokens(answers[-1], "candidatesTokenCount", "thoughtsTokenCount"),
    )


def tokens(answer: dict[str, Any], *counts: str) -> int:
    """What its own tools gave is beside the prompt, and thoughts are beside the answer."""
    return sum(answer["usageMetadata"].get(count, 0) for count in counts)
