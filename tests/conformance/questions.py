"""What the tests of translating doors ask."""

from typing import Any

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


def as_message() -> dict[str, Any]:
    """The same in Anthropic's words."""
    functions = [tool["function"] for tool in QUESTION["tools"]]
    tools = [{**rest(one, "parameters"), "input_schema": one["parameters"]} for one in functions]
    return {"max_tokens": 64, "messages": QUESTION["messages"], "tools": tools}


def as_response() -> dict[str, Any]:
    """The same in the words of OpenAI's Responses."""
    tools = [{"type": "function", "strict": False, **tool["function"]} for tool in QUESTION["tools"]]
    return {"input": QUESTION["messages"], "tools": tools}


def rest(fields: dict[str, Any], without: str) -> dict[str, Any]:
    """All but one of them."""
    return {name: value for name, value in fields.items() if name != without}
