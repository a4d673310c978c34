"""Cohere's SDK, its client of version 2."""

import cohere
import httpx
from cohere import errors
from cohere.core.api_error import ApiError

from recordings import matching, refusals
from sdks.sdk import KEY, PATIENCE, QUESTION, TOOL, Call, Headers, Sdk

CHAT = "v2/chat"
ARRIVES = "POST /cohere/v2/chat"
MODEL = "command-a-03-2025"


def client(url: str, headers: Headers) -> cohere.ClientV2:
    """It tries once: a retry of its own would hide what the gateway answered."""
    http = httpx.Client(headers=headers, timeout=PATIENCE)
    return cohere.ClientV2(api_key=KEY, base_url=url, max_retries=0, httpx_client=http)


def chat(url: str, headers: Headers) -> object:
    """A chat."""
    return client(url, headers).chat(model=MODEL, messages=QUESTION, tools=[TOOL]).model_dump(mode="json")


def stream(url: str, headers: Headers) -> object:
    """A chat in pieces."""
    events = client(url, headers).chat_stream(model=MODEL, messages=QUESTION, tools=[TOOL])
    return [event.model_dump(mode="json") for event in events]


def embed(url: str, headers: Headers) -> object:
    """Embeddings."""
    one = client(url, headers)
    asked = {"model": "embed-v4.0", "input_type": "search_document", "embedding_types": ["float"]}
    return one.embed(texts=["Hello"], **asked).model_dump(mode="json")


def rerank(url: str, headers: Headers) -> object:
    """A ranking."""
    one = client(url, headers)
    documents = ["Carson City is the capital of Nevada.", "Saipan", "Charlotte Amalie", "Washington", "Capital"]
    return one.rerank(model="rerank-english-v3.0", query="The capital?", documents=documents).model_dump(mode="json")


COHERE = Sdk(
    name="cohere",
    direct="/cohere",
    native="/cohere",
    calls=[
        Call("chat", chat, ARRIVES, matching("cohere", CHAT)),
        Call("stream", stream, ARRIVES, matching("cohere", CHAT, streaming=True)),
        Call("embed", embed, "POST /cohere/v2/embed", matching("cohere", "v2/embed")),
        Call("rerank", rerank, "POST /cohere/v2/rerank", matching("cohere", "v2/rerank")),
    ],
    refused=[*refusals("cohere", CHAT), *refusals("cohere", "v2/embed")],
    base=ApiError,
    status=lambda error: error.status_code,
    words=lambda error: error.body,
    message=lambda error: error.body["message"],
    kinds={
        400: errors.BadRequestError,
        401: errors.UnauthorizedError,
        404: errors.NotFoundError,
        429: errors.TooManyRequestsError,
        500: errors.InternalServerError,
    },
)
