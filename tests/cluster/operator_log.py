"""What the operator wrote, and the lines that it should not have written."""

import json
import re
from dataclasses import dataclass, field

from kubernetes import Api, Object, RefusedError

NAMESPACE = "aigateway-system"
LABELS = "app.kubernetes.io/component=operator"
EXPECTED_LEVELS = {"DEBUG", "INFO"}


def is_unexpected(line: str, allowed: list[str]) -> bool:
    """Whether no test said that it expects this line: a warning, an error, or what is no JSON, such as a panic."""
    try:
        level = json.loads(line).get("level")
    except (ValueError, AttributeError):
        level = None
    return level not in EXPECTED_LEVELS and not any(re.search(pattern, line) for pattern in allowed)


@dataclass
class OperatorLog:
    """The log of all pods of the operator, read on from where it was read last."""

    api: Api
    namespace: str = NAMESPACE
    _read: dict[str, int] = field(default_factory=dict)

    def fresh(self) -> list[str]:
        """The lines that came since the last call."""
        lines = []
        for pod in self.api.select("Pod", self.namespace, LABELS):
            for previous in ("true", "false"):
                lines += self._fresh_of(pod, previous)
        return lines

    def unexpected(self, allowed: list[str]) -> list[str]:
        """The fresh lines that should not be there; regular expressions say which may."""
        return [line for line in self.fresh() if is_unexpected(line, allowed)]

    def _fresh_of(self, pod: Object, previous: str) -> list[str]:
        restarts = sum(one["restartCount"] for one in pod.get("status", {}).get("containerStatuses", []))
        if previous == "true":
            restarts -= 1
        if restarts < 0:
            return []
        try:
            lines = self.api.log(pod["metadata"]["name"], self.namespace, previous=previous)
        except RefusedError:
            # Its container is just being started or removed.
            return []
        key = f"{pod['metadata']['uid']}/{restarts}"
        fresh = lines[self._read.get(key, 0) :]
        self._read[key] = len(lines)
        return fresh
