"""OpenAI's SDK with its client for Azure: the base URL is `azure_endpoint`."""

import openai
from openai import AzureOpenAI

from recordings import matching, refusals
from sdks.sdk import KEY, PATIENCE, QUESTION, TOOL, Call, Headers, Sdk

VERSION = "2025-01-01-preview"
CHAT = r"deployments/.*chat/completions|v1/chat/completions|models/chat/completions"
ARRIVES = f"/azure/openai/deployments/gpt-5-mini/%s?api-version={VERSION}"


def client(url: str, headers: Headers) -> AzureOpenAI:
    """It tries once: a retry of its own would hide what the gateway answered."""
    return AzureOpenAI(
        azure_endpoint=url,
        api_version=VERSION,
        api_key=KEY,
        max_retries=0,
        timeout=PATIENCE,
        default_headers=headers,
    )


def chat(url: str, headers: Headers) -> object:
    """A chat completion."""
    with client(url, headers) as azure:
        return azure.chat.completions.create(model="gpt-5-mini", messages=QUESTION, tools=[TOOL]).to_dict()


def stream(url: str, headers: Headers) -> object:
    """A chat stream."""
    with client(url, headers) as azure:
        chunks = azure.chat.completions.create(model="gpt-5-mini", messages=QUESTION, tools=[TOOL], stream=True)
        return [chunk.to_dict() for chunk in chunks]


def respond(url: str, headers: Headers) -> object:
    """A response; Azure is asked for it at the resource."""
    with client(url, headers) as azure:
        return azure.responses.create(model="gpt-5-mini", input="Hello").to_dict()


def respond_in_pieces(url: str, headers: Headers) -> object:
    """A response's stream."""
    with client(url, headers) as azure:
        return [event.to_dict() for event in azure.responses.create(model="gpt-5-mini", input="Hello", stream=True)]


RESPONSES = f"POST /azure/openai/responses?api-version={VERSION}"

AZURE = Sdk(
    name="azure",
    direct="/azure",
    native="/azure-openai/example",
    calls=[
        Call("chat", chat, "POST " + ARRIVES % "chat/completions", matching("azure-openai", CHAT)),
        Call("stream", stream, "POST " + ARRIVES % "chat/completions", matching("azure-openai", CHAT, streaming=True)),
        Call("response", respond, RESPONSES, matching("azure-openai", "responses")),
        Call("response-stream", respond_in_pieces, RESPONSES, matching("azure-openai", "responses", streaming=True)),
    ],
    refused=refusals("azure-openai", CHAT),
    base=openai.APIStatusError,
    status=lambda error: error.status_code,
    words=lambda error: error.body,
    message=lambda error: error.message,
    kinds={
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        404: openai.NotFoundError,
        429: openai.RateLimitError,
        500: openai.InternalServerError,
        502: openai.InternalServerError,
    },
)
