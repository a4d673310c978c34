"""What the fault proxy does to requests and to the events of watches, as data that a test writes."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from faults.asked import Asked


@dataclass(frozen=True)
class Answer:
    """The API server is not asked: this is answered."""

    status: int
    reason: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """A `Status`, as the API server answers failures."""
        return json.dumps(status_object(self.status, self.reason)).encode()


@dataclass(frozen=True)
class Drop:
    """The API server does what is asked; its answer is lost with the connection."""


@dataclass(frozen=True)
class Cut:
    """The connection breaks before the API server hears of it."""


@dataclass(frozen=True)
class Delay:
    """The API server is asked so many seconds later."""

    seconds: float


@dataclass(frozen=True)
class Call:
    """The API server does what is asked; then, before the client is told, this is called and the connection ends.

    The proxy stands still while it runs: no other request passes in between.
    """

    function: Callable[[], None]


RequestFault = Answer | Drop | Cut | Delay | Call

CONFLICT = Answer(409, "Conflict")
GONE = Answer(410, "Expired")
TOO_MANY = Answer(429, "TooManyRequests", {"retry-after": "1"})
BROKEN = Answer(500, "InternalError")


@dataclass(frozen=True)
class Lose:
    """The event never comes; those after it do."""


@dataclass(frozen=True)
class Freeze:
    """The watch stays open and brings nothing, from this event on until `thawed` is set."""

    thawed: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Expire:
    """In place of the event comes one that says 410 Gone, and the watch ends."""


@dataclass(frozen=True)
class Break:
    """In place of the event the connection breaks."""


EventFault = Lose | Freeze | Expire | Break


Fault = RequestFault | EventFault
Matches = Callable[..., bool]
"""Asked with a request; for the faults of watches with a request and an event, an object."""


@dataclass
class Rule:
    """Which requests or events meet a fault: of those that match, from the `first` on, so many `times`."""

    matches: Matches
    fault: Fault
    first: int = 1
    times: int | None = 1
    """`None`: all that follow."""
    met: int = 0
    """How many matched so far."""
    hits: int = 0
    """How many of them met the fault."""

    def hit_by(self, *subject: object) -> bool:
        """Counts a subject that matches, and says whether it meets the fault."""
        if not self.matches(*subject):
            return False
        self.met += 1
        hit = self.met >= self.first and (self.times is None or self.met < self.first + self.times)
        self.hits += hit
        return hit


def status_object(code: int, reason: str) -> dict[str, Any]:
    """A failure as the API server writes it."""
    return {
        "apiVersion": "v1",
        "kind": "Status",
        "metadata": {},
        "status": "Failure",
        "message": f"{reason}, by the fault proxy",
        "reason": reason,
        "code": code,
    }


def is_write(request: Asked) -> bool:
    """Whether it changes anything but a Lease."""
    return request.writes and not request.of_lease


def watches(resource: str) -> Matches:
    """Matches each event of the watches of a resource but bookmarks."""
    return lambda request, event: request.resource == resource and event["type"] != "BOOKMARK"
