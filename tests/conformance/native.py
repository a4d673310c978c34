"""One call both ways, straight to a provider and through its native door: what arrives, and what comes back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway import Gateway
from recordings import Recording
from sdks.sdk import Ask, Sdk
from upstream import Received, Upstream, whole

PREFIX = "/v1/sdk/plain"
OF_A_CONNECTION = {"accept-encoding", "connection", "content-length", "host", "keep-alive", "transfer-encoding"}
"""Headers of one connection, which each side writes for itself."""
OF_A_CALL = {"x-amzn-trace-id"}
"""Headers that an SDK writes anew for each call."""


@dataclass(frozen=True)
class Seen:
    """What a call gave, and what it sent."""

    gave: Any
    sent: list[tuple[str, str, dict[str, str], Any]]


class Both:
    """The scripted provider, and the gateway in front of it."""

    def __init__(self, provider: Upstream, gateway: Gateway) -> None:
        """Both serve."""
        self._provider = provider
        self._gateway = gateway

    def straight(self, sdk: Sdk, recording: Recording, ask: Callable[[str], Any]) -> Seen:
        """What an SDK reads of a recorded answer without a gateway."""
        return self._see(self._provider.origin + sdk.direct, recording, ask)

    def through(self, sdk: Sdk, recording: Recording, ask: Callable[[str], Any]) -> Seen:
        """What it reads of the same answer through the gateway."""
        return self._see(self._gateway.origin + PREFIX + sdk.native, recording, ask)

    def _see(self, url: str, recording: Recording, ask: Callable[[str], Any]) -> Seen:
        self._provider.play(whole(recording))
        gave = ask(url)
        return Seen(gave, [sent(one) for one in self._provider.requests])


def sent(received: Received) -> tuple[str, str, dict[str, str], Any]:
    """A request without what belongs to one connection or one call."""
    headers = {name: value for name, value in received.headers.items() if name not in OF_A_CONNECTION | OF_A_CALL}
    return received.method, received.path, headers, received.body


def refused(sdk: Sdk, ask: Ask, url: str, headers: dict[str, str] | None = None) -> Exception:
    """The error that a call raises; it is an error if it raises none of the SDK's own."""
    try:
        gave = ask(url, headers or {})
    except sdk.base as error:
        return error
    raise AssertionError(f"{sdk} raised nothing and gave {gave}")
