"""Every provider that answers conversations, as the tests of the doors of one format ask for it."""

from collections.abc import Callable
from dataclasses import dataclass

from readings import anthropic, bedrock, chat, cohere, gemini
from readings.said import Said
from recordings import Recording, matching, refusals


@dataclass(frozen=True)
class Target:
    """One provider in one of its own formats."""

    name: str
    said: Callable[[Recording], Said]
    """Reads one of its answers."""
    answers: list[Recording]
    streams: list[Recording]
    refused: list[Recording]

    def __str__(self) -> str:
        """Names the test case."""
        return self.name


def recorded(name: str, said: Callable[[Recording], Said], path: str, stream_path: str = "") -> Target:
    """A provider of which answers were recorded. A stream that fails on the way is no answer."""
    streams = [one for one in matching(name, stream_path or path, streaming=True) if b'"error":{' not in one.body]
    refused = [] if name in NEVER_REFUSED else refusals(name, path)
    return Target(name, said, matching(name, path), streams, refused)


NEVER_REFUSED = {"xai", "cerebras", "fireworks"}
"""Of these no error was recorded there."""

CHAT = "chat/completions"
BY_CHAT = [
    recorded(name, chat.said, CHAT)
    for name in (
        "openai",
        "azure-openai",
        "groq",
        "huggingface",
        "mistral",
        "perplexity-ai",
        "xai",
        "deepseek",
        "cerebras",
        "openrouter",
        "fireworks",
    )
]
"""Who answers chat completions as OpenAI does."""

ANTHROPIC = recorded("anthropic", anthropic.said, "messages")
OTHERS = [
    recorded("google-ai-studio", gemini.said, ":generateContent", ":streamGenerateContent"),
    recorded("google-vertex-ai", gemini.said, ":generateContent", ":streamGenerateContent"),
    recorded("cohere", cohere.said, "v2/chat"),
    Target("aws-bedrock", bedrock.said, bedrock.ANSWERS, bedrock.STREAMS, bedrock.REFUSED),
]
"""Who has a format of its own that no client door speaks."""
