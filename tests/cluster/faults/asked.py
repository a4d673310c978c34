"""One request of a Kubernetes client, as the fault proxy saw it."""

from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import parse_qs, urlsplit

WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


@dataclass
class Asked:
    """A request; `status`, `answered`, `ended` and `fault` come as it goes on."""

    number: int
    """Its place among all requests of the proxy, from 1."""
    method: str
    path: str
    """Without the query."""
    query: dict[str, str]
    headers: dict[str, str]
    """By name in lower case."""
    verb: str
    """As RBAC has it: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`."""
    group: str = ""
    resource: str = ""
    """With the subresource, as RBAC has it: `aigateways/status`; empty where the path names none."""
    namespace: str = ""
    name: str = ""
    at: float = field(default_factory=monotonic)
    """When its head had come, on the monotonic clock, in seconds."""
    status: int | None = None
    """What the API server, or a fault in its place, answered; `None` while it has not."""
    answered: float | None = None
    """When the API server had answered; for a watch, when its head came."""
    ended: float | None = None
    """When the exchange was over, by an answer or by a closed connection."""
    fault: str | None = None
    """The fault that it met."""

    @property
    def accept(self) -> str:
        """What the client takes."""
        return self.headers.get("accept", "")

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.verb in WRITES

    @property
    def of_lease(self) -> bool:
        """Whether it is about leading."""
        return self.resource == "leases"

    def __str__(self) -> str:
        """For the messages of failed assertions."""
        where = f"{self.namespace}/{self.name}".strip("/")
        return f"#{self.number} {self.verb} {self.resource} {where} -> {self.status} {self.fault or ''}".rstrip()


def asked(number: int, method: str, target: str, headers: dict[str, str]) -> Asked:
    """Reads a request's line and headers."""
    url = urlsplit(target)
    query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
    group, resource, namespace, name = _named(url.path)
    verb = _verb(method, query, bool(name))
    return Asked(number, method, url.path, query, headers, verb, group, resource, namespace, name)


def _verb(method: str, query: dict[str, str], named: bool) -> str:
    match method:
        case "GET" | "HEAD":
            return "watch" if query.get("watch") in ("1", "true") else "get" if named else "list"
        case "DELETE":
            return "delete" if named else "deletecollection"
        case _:
            return _VERBS.get(method, method.lower())


def _named(path: str) -> tuple[str, str, str, str]:
    """Group, resource with subresource, namespace and name."""
    match path.strip("/").split("/"):
        case ["api", _, *rest]:
            group = ""
        case ["apis", group, _, *rest]:
            pass
        case _:
            return "", "", "", ""
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    resource, name, *sub = [*rest, "", ""][: max(len(rest), 2)]
    return group, "/".join([resource, *sub]), namespace, name
