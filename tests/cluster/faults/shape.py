"""The end state of a gateway without what differs from run to run, so that two runs can be compared."""

import json
import re
from collections.abc import Mapping
from typing import Any

OWNED = ("Deployment", "Service", "ConfigMap", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy")
"""The kinds of which a gateway of several replicas owns one each."""

_OF_THE_SERVER = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "namespace")
_ADDRESSES = ("clusterIP", "clusterIPs")
DESIRED = "aigateway.dev/desired"
"""The annotation that holds the hash of what was wanted; it covers the owner's uid."""


def shape(owned: Mapping[str, Mapping[str, Any]], gateway: Mapping[str, Any]) -> dict[str, Any]:
    """What the objects say, by kind, with fixed words in place of the gateway's name, namespace, uid and generation.

    The revision of the Deployment stays: a second one would be a roll.
    """
    return {kind: _without_names(_lasting(one), gateway["metadata"]) for kind, one in sorted(owned.items())}


def _lasting(one: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in one["metadata"].items() if key not in _OF_THE_SERVER}
    annotations = metadata.get("annotations", {})
    assert annotations.get(DESIRED), f"{one['metadata']['name']} has no annotation {DESIRED}"
    metadata["annotations"] = {**annotations, DESIRED: "HASH"}
    spec = {key: value for key, value in one.get("spec", {}).items() if key not in _ADDRESSES}
    rest = {key: value for key, value in one.items() if key not in ("metadata", "spec", "status")}
    return {**rest, "metadata": metadata, "spec": spec}


def _without_names(one: dict[str, Any], metadata: Mapping[str, Any]) -> Any:  # noqa: ANN401
    text = re.sub(r"(generation\W{1,6})\d+", r"\1N", json.dumps(one, sort_keys=True))
    for key in ("uid", "namespace", "name"):
        text = text.replace(metadata[key], key.upper())
    return json.loads(text)


def verdict(gateway: Mapping[str, Any]) -> dict[str, Any]:
    """What its conditions say, by type, in the same way."""
    conditions = gateway.get("status", {}).get("conditions", [])
    lasting = ("status", "reason", "message")
    said = {one["type"]: {key: one.get(key) for key in lasting} for one in conditions}
    return _without_names(said, gateway["metadata"])


def differences(one: Any, other: Any, path: str = "") -> list[str]:  # noqa: ANN401
    """Where two shapes differ, one line a place."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return [line for key in keys for line in differences(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for at, (a, b) in pairs for line in differences(a, b, f"{path}[{at}]")]
    return [] if one == other else [f"{path}: {one!r} is not {other!r}"]
