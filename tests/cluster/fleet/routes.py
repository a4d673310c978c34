"""Which pod a Service led a connection to, by the kernel's own account of the connections that it led elsewhere."""

from pathlib import Path

CONNECTIONS = Path("/proc/thread-self/net/nf_conntrack")
"""Of the network that this thread is in."""


def led_to(port: int, service: str, connections: str | None = None) -> str | None:
    """The address that the connection from this port of ours to a service was led to.

    `None` where the kernel knows of none. It knows of one that was never answered, too: what it was led to is what it
    expects an answer from. Ports are used again, and what it knows of earlier connections stays for a while: those to
    another service are not this one.
    """
    for line in (CONNECTIONS.read_text() if connections is None else connections).splitlines():
        fields = [field.partition("=") for field in line.split() if "=" in field]
        if " tcp " in line and (_first(fields, "sport"), _first(fields, "dst")) == (str(port), service):
            return _second(fields, "src")
    return None


def _first(fields: list[tuple[str, str, str]], name: str) -> str | None:
    return next((value for key, _, value in fields if key == name), None)


def _second(fields: list[tuple[str, str, str]], name: str) -> str | None:
    found = [value for key, _, value in fields if key == name]
    return found[1] if len(found) > 1 else None
