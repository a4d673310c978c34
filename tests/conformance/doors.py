"""The ways into the gateway, and the official SDKs pointed at them: a base URL and nothing else is changed."""

from dataclasses import dataclass
from functools import cache

from anthropic import Anthropic
from openai import OpenAI

CALLERS_KEY = "sk-the-callers-own-key"
PATIENCE = 20.0
"""Seconds; long past anything that these tests wait for."""


@dataclass(frozen=True)
class Door:
    """One base URL, and how it wants a model to be named."""

    name: str
    path: str
    """Below the origin."""
    prefix: str = ""
    """What stands before a model's name."""
    to_gateway: bool = True
    """Else to the provider itself: the control, which shows that a test asks for what a provider really gives."""

    def __str__(self) -> str:
        """Names the test case."""
        return self.name


DIRECT_OPENAI = Door("direct", "/openai/v1", to_gateway=False)
NATIVE_OPENAI = Door("native", "/v1/sdk/plain/openai")
DIRECT_ANTHROPIC = Door("direct", "/anthropic", to_gateway=False)
NATIVE_ANTHROPIC = Door("native", "/v1/sdk/plain/anthropic")

CHAT_DOORS = [
    DIRECT_OPENAI,
    NATIVE_OPENAI,
    Door("compat", "/v1/sdk/plain/compat", prefix="openai/"),
    Door("v1", "/v1", prefix="openai/"),
    Door("v1-of-a-gateway", "/v1/sdk/plain/v1", prefix="openai/"),
]
"""Where OpenAI's SDK reaches OpenAI's chat completions."""

TRANSLATED_DOORS = [
    Door("compat", "/v1/sdk/plain/compat", prefix="anthropic/"),
    Door("v1", "/v1", prefix="anthropic/"),
]
"""Where OpenAI's SDK reaches Anthropic."""

MESSAGES_DOORS = [DIRECT_ANTHROPIC, NATIVE_ANTHROPIC]
"""Where Anthropic's SDK reaches Anthropic."""


def openai_at(base_url: str) -> OpenAI:
    """OpenAI's client. It tries once: a retry of its own would hide what the gateway answered."""
    return OpenAI(base_url=base_url, api_key=CALLERS_KEY, max_retries=0, timeout=PATIENCE)


def anthropic_at(base_url: str) -> Anthropic:
    """Anthropic's client. It tries once: a retry of its own would hide what the gateway answered."""
    return Anthropic(base_url=base_url, api_key=CALLERS_KEY, max_retries=0, timeout=PATIENCE)


openai_kept = cache(openai_at)
anthropic_kept = cache(anthropic_at)
"""One client for each URL: to make one loads the certificates, which takes longer than a call."""
