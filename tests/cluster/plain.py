"""Plain HTTP to what runs in the cluster, each call on a connection of its own."""

from typing import Any

import httpx2


def call(method: str, url: str, timeout: float = 30.0, **options: Any) -> httpx2.Response:  # noqa: ANN401
    """One request; the options are those of httpx2."""
    # Reading the machine's authorities for each call costs a hundred times what the call does.
    return httpx2.request(method, url, timeout=timeout, trust_env=False, verify=False, **options)
