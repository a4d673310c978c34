"""The two SDKs that Vertex AI is reached by: Google's Gen AI SDK for Gemini, Anthropic's for Claude."""

from anthropic import (
    AnthropicVertex,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)
from google import genai
from google.genai import types
from google.oauth2.credentials import Credentials

from recordings import matching, refusals
from sdks import google
from sdks.sdk import KEY, PARAMETERS, PATIENCE, QUESTION, Call, Headers, Sdk, kept

PROJECT, REGION = "example", "us-east5"
PLACE = f"projects/{PROJECT}/locations/{REGION}/publishers"
GEMINI = f"POST /vertex/v1beta1/{PLACE}/google/models/gemini-2.5-flash:"
CLAUDE = "claude-3-7-sonnet@20250219"
CLAUDE_ARRIVES = f"POST /vertex/v1/{PLACE}/anthropic/models/{CLAUDE}:"


@kept
def google_client(url: str, headers: Headers) -> genai.Client:
    """With a token that is there already: nothing is asked of Google."""
    options = types.HttpOptions(base_url=url, headers=headers, timeout=int(PATIENCE * 1000))
    credentials = Credentials(token=KEY)
    return genai.Client(vertexai=True, project=PROJECT, location=REGION, credentials=credentials, http_options=options)


def generate(url: str, headers: Headers) -> object:
    """An answer of Gemini's."""
    return google.generated(google_client(url, headers))


def stream(url: str, headers: Headers) -> object:
    """An answer of Gemini's in pieces."""
    return google.streamed(google_client(url, headers))


@kept
def anthropic_client(url: str, headers: Headers) -> AnthropicVertex:
    """It tries once: a retry of its own would hide what the gateway answered."""
    return AnthropicVertex(
        base_url=f"{url}/v1",
        project_id=PROJECT,
        region=REGION,
        access_token=KEY,
        default_headers=headers,
        max_retries=0,
        timeout=PATIENCE,
    )


ASKED = {
    "model": CLAUDE,
    "max_tokens": 64,
    "messages": QUESTION,
    "tools": [{"name": "get_weather", "description": "The weather", "input_schema": PARAMETERS}],
}


def message(url: str, headers: Headers) -> object:
    """An answer of Claude's."""
    return anthropic_client(url, headers).messages.create(**ASKED).to_dict()


def message_stream(url: str, headers: Headers) -> object:
    """An answer of Claude's in pieces, gathered."""
    with anthropic_client(url, headers).messages.stream(**ASKED) as events:
        return events.get_final_message().to_dict()


VERTEX = Sdk(
    name="vertex",
    direct="/vertex",
    native="/google-vertex-ai",
    calls=[
        Call("generate", generate, GEMINI + "generateContent", matching("google-vertex-ai", ":generateContent")),
        Call(
            "stream",
            stream,
            GEMINI + "streamGenerateContent?alt=sse",
            matching("google-vertex-ai", ":streamGenerateContent", streaming=True),
        ),
    ],
    refused=refusals("google-vertex-ai", ":generateContent"),
    base=google.GOOGLE.base,
    status=google.GOOGLE.status,
    words=google.GOOGLE.words,
    message=google.GOOGLE.message,
    kinds=google.GOOGLE.kinds,
    tools=frozenset({True}),
)

CLAUDE_AT_VERTEX = Sdk(
    name="claude-at-vertex",
    direct="/vertex",
    native="/google-vertex-ai",
    calls=[
        Call("message", message, CLAUDE_ARRIVES + "rawPredict", matching("google-vertex-ai", ":rawPredict")),
        Call(
            "stream",
            message_stream,
            CLAUDE_ARRIVES + "streamRawPredict",
            matching("google-vertex-ai", ":streamRawPredict", streaming=True),
        ),
    ],
    refused=refusals("google-vertex-ai", ":generateContent"),
    base=APIStatusError,
    status=lambda error: error.status_code,
    words=lambda error: error.body,
    message=lambda error: error.body["error"]["message"],
    kinds={
        400: BadRequestError,
        401: AuthenticationError,
        403: PermissionDeniedError,
        404: NotFoundError,
        429: RateLimitError,
        502: InternalServerError,
    },
    tools=frozenset({True}),
)
