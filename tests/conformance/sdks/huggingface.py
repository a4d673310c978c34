"""Hugging Face's SDK, its client for inference."""

from typing import Any

from huggingface_hub import InferenceClient
from huggingface_hub.errors import BadRequestError, HfHubHTTPError

from recordings import Recording, matching, refusals
from sdks.sdk import PATIENCE, QUESTION, TOOL, Call, Headers, Sdk

KEY = "hf_thecallersownkey"
CHAT = "v1/chat/completions|^chat/completions"
ARRIVES = "POST /huggingface/v1/chat/completions"
MODEL = "google/gemma-2-2b-it"


def client(url: str, headers: Headers) -> InferenceClient:
    """The base URL is that of chats: their path is added to it."""
    return InferenceClient(base_url=url, api_key=KEY, headers=headers, timeout=PATIENCE)


def chat(url: str, headers: Headers) -> object:
    """A chat completion."""
    return client(url, headers).chat.completions.create(model=MODEL, messages=QUESTION, tools=[TOOL])


def stream(url: str, headers: Headers) -> object:
    """A chat stream."""
    one = client(url, headers)
    chunks = one.chat.completions.create(model=MODEL, messages=QUESTION, tools=[TOOL], stream=True)
    return list(chunks)


def translate(url: str, headers: Headers) -> object:
    """A model of another task, by its own URL."""
    model = f"{url}/hf-inference/models/google-t5/t5-base"
    return InferenceClient(model=model, token=KEY, headers=headers, timeout=PATIENCE).translation("My name is Wolfgang")


def said(error: Any) -> tuple[str, str]:  # noqa: ANN401
    """What the server wrote; the rest of the message is the URL."""
    return error.server_message, error.response.text


def asked() -> list[Recording]:
    """Refusals of chats, and of tasks."""
    return [*refusals("huggingface", CHAT), *refusals("huggingface", "models/[^:]*")]


HUGGINGFACE = Sdk(
    name="huggingface",
    direct="/huggingface",
    native="/huggingface",
    calls=[
        Call("chat", chat, ARRIVES, matching("huggingface", CHAT)),
        Call("stream", stream, ARRIVES, matching("huggingface", CHAT, streaming=True)),
        Call(
            "task",
            translate,
            "POST /huggingface/hf-inference/models/google-t5/t5-base",
            matching("huggingface", "models/t5-base"),
        ),
    ],
    refused=asked(),
    base=HfHubHTTPError,
    status=lambda error: error.response.status_code,
    words=said,
    message=lambda error: error.server_message,
    kinds={400: BadRequestError},
)
