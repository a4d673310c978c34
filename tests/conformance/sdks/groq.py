"""Groq's SDK."""

import groq
from groq import Groq

from recordings import matching, refusals
from sdks.sdk import KEY, PATIENCE, QUESTION, TOOL, Call, Headers, Sdk

CHAT = "chat/completions"
ARRIVES = "POST /groq/openai/v1/chat/completions"
MODEL = "llama-3.3-70b-versatile"


def client(url: str, headers: Headers) -> Groq:
    """It tries once: a retry of its own would hide what the gateway answered."""
    return Groq(base_url=url, api_key=KEY, max_retries=0, timeout=PATIENCE, default_headers=headers)


def chat(url: str, headers: Headers) -> object:
    """A chat completion."""
    with client(url, headers) as one:
        return one.chat.completions.create(model=MODEL, messages=QUESTION, tools=[TOOL]).to_dict()


def stream(url: str, headers: Headers) -> object:
    """A chat stream."""
    with client(url, headers) as one:
        chunks = one.chat.completions.create(model=MODEL, messages=QUESTION, tools=[TOOL], stream=True)
        return [chunk.to_dict() for chunk in chunks]


GROQ = Sdk(
    name="groq",
    direct="/groq",
    native="/groq",
    calls=[
        Call("chat", chat, ARRIVES, matching("groq", CHAT)),
        Call("stream", stream, ARRIVES, matching("groq", CHAT, streaming=True)),
    ],
    refused=refusals("groq", CHAT),
    base=groq.APIStatusError,
    status=lambda error: error.status_code,
    words=lambda error: error.body,
    message=lambda error: error.message,
    kinds={
        400: groq.BadRequestError,
        401: groq.AuthenticationError,
        404: groq.NotFoundError,
        429: groq.RateLimitError,
        502: groq.InternalServerError,
    },
)
