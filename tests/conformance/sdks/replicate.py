"""Replicate's SDK, which waits for no prediction here: each call is one request."""

from typing import Any

import httpx
import replicate
from replicate.exceptions import ReplicateError

from recordings import matching, recordings, refusals
from sdks.sdk import KEY, PATIENCE, Call, Headers, Sdk, kept

VERSION = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b"
INPUT = {"prompt": "write a haiku about llamas"}


@kept
def client(url: str, headers: Headers) -> replicate.Client:
    """Its base URL has no version: the SDK writes it into every path."""
    return replicate.Client(api_token=KEY, base_url=url, timeout=httpx.Timeout(PATIENCE), headers={**headers})


def plain(prediction: Any) -> dict[str, Any]:  # noqa: ANN401
    """A prediction without the client that it holds."""
    return {name: str(value) for name, value in vars(prediction).items() if not name.startswith("_")}


def create(url: str, headers: Headers) -> object:
    """A prediction of a model's version."""
    return plain(client(url, headers).predictions.create(version=VERSION, input=INPUT))


def create_by_name(url: str, headers: Headers) -> object:
    """A prediction of an official model."""
    return plain(client(url, headers).models.predictions.create("meta/meta-llama-3-8b-instruct", input=INPUT))


def look(url: str, headers: Headers) -> object:
    """A prediction that was begun before."""
    return plain(client(url, headers).predictions.get("bf2j533bnqflk24dcgfzsj4b7y"))


def cancel(url: str, headers: Headers) -> object:
    """The end of a prediction."""
    return plain(client(url, headers).predictions.cancel("i7pjoctb4rspimjanuagwmyyde"))


def model(url: str, headers: Headers) -> object:
    """What there is to know of a model."""
    return plain(client(url, headers).models.get("mattt/empty"))


LOOKED = [one for one in recordings("replicate") if "v1/predictions/" in one.url and one.method == "GET"]
ENDED = [one for one in recordings("replicate") if one.endpoint.endswith("/cancel")]
MODELS = [one for one in recordings("replicate") if one.endpoint == "models/mattt/empty"]

REPLICATE = Sdk(
    name="replicate",
    direct="/replicate",
    native="/replicate",
    calls=[
        Call("prediction", create, "POST /replicate/v1/predictions", matching("replicate", "^predictions", status=201)),
        Call(
            "prediction-by-name",
            create_by_name,
            "POST /replicate/v1/models/meta/meta-llama-3-8b-instruct/predictions",
            matching("replicate", "^models/.*/predictions", status=201),
        ),
        Call("look", look, "GET /replicate/v1/predictions/bf2j533bnqflk24dcgfzsj4b7y", LOOKED),
        Call("cancel", cancel, "POST /replicate/v1/predictions/i7pjoctb4rspimjanuagwmyyde/cancel", ENDED),
        Call("model", model, "GET /replicate/v1/models/mattt/empty", MODELS),
    ],
    refused=refusals("replicate", "predictions"),
    base=ReplicateError,
    status=lambda error: error.status,
    words=lambda error: error.to_dict(),
    message=lambda error: error.detail,
    tools=frozenset(),
)
