"""What an answer says, whoever gave it and whoever read it, in the words of OpenAI's chat completions."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Said:
    """Text, tool calls, the reason to stop, and usage."""

    text: str
    tools: list[tuple[str | None, str, Any]]
    """Id, name and parsed arguments. `None` for the id where the provider gives none."""
    finish_reason: str
    input_tokens: int | None
    """`None` for both where the provider does not say."""
    output_tokens: int | None


def agreed(said: Said, heard: Said) -> Said:
    """What was heard, as far as the provider said it: ids and usage that it left out may be anybody's."""
    ids = [one[0] for one in said.tools]
    if len(ids) == len(heard.tools):
        tools = [(given and one[0], *one[1:]) for given, one in zip(ids, heard.tools, strict=True)]
        heard = replace(heard, tools=tools)
    if said.input_tokens is None:
        heard = replace(heard, input_tokens=None, output_tokens=None)
    return heard
