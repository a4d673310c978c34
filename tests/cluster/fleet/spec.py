"""The spec of these tests' gateways, each generation of which can be told by its mark."""

from fleet.ask import MARK
from kubernetes import Object

FIRST_MARK = 1_000_000
"""The limit `mark` admits so many requests a minute and user: more than any test sends."""


def spec(mark: int = FIRST_MARK, replicas: int = 2, ttl: str | None = None) -> Object:
    """The whole spec; its provider is the tests' own upstream."""
    provider = {
        "name": "openai",
        "service": {"name": "upstream", "port": 80, "path": "/openai/v1"},
        "credentials": [{"secretKeyRef": {"name": "provider-keys", "key": "openai"}}],
    }
    return {
        "auth": {"anonymous": "Allow"},
        "identity": {"type": "Header", "name": "x-user-id"},
        "providers": [provider],
        "limits": [limit(mark)],
        "proxy": {"replicas": replicas},
    } | ({"cache": {"ttl": ttl}} if ttl else {})


def limit(mark: int) -> Object:
    """The limit that shows in the header `ratelimit-policy` of each answer."""
    return {"name": MARK, "requests": mark, "window": "1m", "by": [{"type": "User"}]}


def mark_of(gateway: Object) -> int:
    """The mark of a gateway as the API server has it."""
    return gateway["spec"]["limits"][0]["requests"]
