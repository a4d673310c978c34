"""Mistral's SDK."""

import httpx2
from mistralai.client import Mistral
from mistralai.client.errors import HTTPValidationError, MistralError, SDKError

from recordings import matching, refusals
from sdks.sdk import KEY, PATIENCE, QUESTION, TOOL, Call, Headers, Sdk

CHAT = "chat/completions"
ARRIVES = "POST /mistral/v1/chat/completions"
MODEL = "mistral-small-latest"


def client(url: str, headers: Headers) -> Mistral:
    """It tries once, as it does by default."""
    http = httpx2.Client(headers=headers, timeout=PATIENCE)
    return Mistral(api_key=KEY, server_url=url, client=http, timeout_ms=int(PATIENCE * 1000))


def chat(url: str, headers: Headers) -> object:
    """A chat completion."""
    with client(url, headers) as one:
        return one.chat.complete(model=MODEL, messages=QUESTION, tools=[TOOL]).model_dump(mode="json")


def stream(url: str, headers: Headers) -> object:
    """A chat stream."""
    with client(url, headers) as one, one.chat.stream(model=MODEL, messages=QUESTION, tools=[TOOL]) as events:
        return [event.model_dump(mode="json") for event in events]


def embed(url: str, headers: Headers) -> object:
    """Embeddings."""
    with client(url, headers) as one:
        return one.embeddings.create(model="mistral-embed", inputs=["Hello"]).model_dump(mode="json")


MISTRAL = Sdk(
    name="mistral",
    direct="/mistral",
    native="/mistral",
    calls=[
        Call("chat", chat, ARRIVES, matching("mistral", CHAT)),
        Call("stream", stream, ARRIVES, matching("mistral", CHAT, streaming=True)),
        Call("embeddings", embed, "POST /mistral/v1/embeddings", matching("mistral", "embeddings")),
    ],
    refused=refusals("mistral", CHAT),
    base=MistralError,
    status=lambda error: error.status_code,
    words=lambda error: error.body,
    message=lambda error: error.message,
    kinds=dict.fromkeys((400, 401, 404, 429, 500, 502), SDKError) | {422: HTTPValidationError},
)
