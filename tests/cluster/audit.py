"""The API server's audit log: who asked for what."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WRITES = {"create", "update", "patch", "delete", "deletecollection"}


@dataclass(frozen=True)
class Entry:
    """One request, when it was answered; a watch has one as it begins and one as it ends."""

    user: str
    verb: str
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    code: int
    agent: str
    uri: str
    time: str

    @classmethod
    def parse(cls, line: str) -> "Entry":
        """From a line of the log."""
        event: dict[str, Any] = json.loads(line)
        target = event.get("objectRef", {})
        return cls(
            user=event["user"]["username"],
            verb=event["verb"],
            group=target.get("apiGroup", ""),
            resource=target.get("resource", ""),
            subresource=target.get("subresource", ""),
            namespace=target.get("namespace", ""),
            name=target.get("name", ""),
            code=event.get("responseStatus", {}).get("code", 0),
            agent=event.get("userAgent", ""),
            uri=event["requestURI"],
            time=event["requestReceivedTimestamp"],
        )

    @property
    def is_write(self) -> bool:
        """Whether it changes something, dry runs and reviews aside."""
        return self.verb in WRITES and "dryRun=" not in self.uri and not self.resource.endswith("reviews")


@dataclass(frozen=True)
class Audit:
    """The log's file."""

    path: Path
    begun: int = 0
    """Where the session's own entries begin: a cluster that was kept has those of earlier ones."""

    def mark(self) -> int:
        """Where the log ends now."""
        return self.path.stat().st_size

    def since(self, mark: int = 0, user: str = "") -> Iterator[Entry]:
        """The requests since a mark, of those users whose name contains this; a line half written is left out."""
        with self.path.open("rb") as log:
            log.seek(mark)
            for line in log:
                if line.endswith(b"\n"):
                    entry = Entry.parse(line.decode())
                    if user in entry.user:
                        yield entry
