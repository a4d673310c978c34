"""The operator's rights: each is used, none is missing, and no Secret is read that no gateway names.

The operator on trial has the chart's ServiceAccount, and the fault proxy sees each request with its headers.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from audit import Audit
from faults.asked import Asked
from faults.count import counted
from faults.release import NAME
from faults.stage import KEYS, OWNED, Ground, Stage, owned, settle
from kubernetes import Api, Object, RefusedError
from operator_log import NAMESPACE, is_unexpected
from wait import wait_for

SETTLES_WITHIN = 30.0
USER = f"system:serviceaccount:{NAMESPACE}:{NAME}"
AS_OPERATOR = {"impersonate-user": USER, "impersonate-group": "system:serviceaccounts"}
AUTHENTICATED = {"authorization.k8s.io", "authentication.k8s.io"}
"""What every account may ask."""
UNUSED = ("update", "aigateway.dev", "aigateways/finalizers")
"""It lets the operator set `blockOwnerDeletion`, and is asked for by nobody."""
METADATA = "as=PartialObjectMetadata"

Right = tuple[str, str, str]


def granted(api: Api, namespace: str) -> set[Right]:
    """Verb, group and resource of all that the account may do there, as `auth can-i --list` has it."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    answer = api.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", json=review, headers=AS_OPERATOR)
    rules = [rule for rule in answer.json()["status"]["resourceRules"] if not AUTHENTICATED & set(rule["apiGroups"])]
    return {
        (verb, group, resource)
        for rule in rules
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def used(requests: list[Asked]) -> set[Right]:
    """What was asked for and not refused. A server-side apply that makes an object needs two rights."""
    given = [one for one in requests if one.status and (one.status < 300 or one.status == 404) and one.resource]
    made = {("create", one.group, one.resource) for one in given if one.verb == "patch" and one.status == 201}
    return made | {(one.verb, one.group, one.resource) for one in given}


@pytest.fixture(scope="module")
def lived(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An operator that has seen all that a gateway can need it for; the gateway `rights` is there still."""
    metadata = {"name": "not-named", "namespace": ground.namespace}
    ground.api.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"openai": "sk-other"}})
    with ground.stage(tmp_path_factory.mktemp("rights"), "lived") as stage:
        stage.start()
        gateway = stage.create("rights")
        settle(gateway, SETTLES_WITHIN)
        gateway.patch({"cache": {"ttl": "2h"}})
        gateway.wait_ready(SETTLES_WITHIN)
        for replicas in (1, 2):
            gateway.patch({"proxy": {"replicas": replicas}})
            settle(gateway, SETTLES_WITHIN)
        for _ in range(2):  # the same Event twice is one Event with a count
            gateway.patch({"paused": True})
            gateway.wait_condition("Programmed", "False", "Paused")
            gateway.patch({"paused": None})
            settle(gateway, SETTLES_WITHIN)
        yield stage
        stage.delete(gateway)
    assert not [line for line in stage.operator.lines if is_unexpected(line, [])]


def test_each_right_is_used_and_none_is_a_wildcard(lived: Stage, request: pytest.FixtureRequest) -> None:
    rights = granted(lived.api, lived.namespace) | granted(lived.api, NAMESPACE)
    assert not [right for right in rights if "*" in right]
    idle = sorted(rights - used(lived.proxy.asked()) - {UNUSED})
    counted(request, "rights that are not used", len(rights), [" ".join(right) for right in idle])


def test_secrets_are_watched_as_metadata_and_read_only_where_a_gateway_names_them(
    lived: Stage, request: pytest.FixtureRequest
) -> None:
    asked = lived.proxy.asked(lambda one: one.resource == "secrets")
    assert {one.verb for one in asked} == {"get", "list", "watch"}
    whole = [str(one) for one in asked if one.verb != "get" and METADATA not in one.accept]
    foreign = [str(one) for one in asked if one.verb == "get" and (one.namespace, one.name) != (lived.namespace, KEYS)]
    counted(request, "requests for Secrets", len(asked), whole + foreign)


def test_nothing_that_the_operator_asked_for_in_this_session_was_forbidden(
    lived: Stage, audit: Audit, request: pytest.FixtureRequest
) -> None:
    assert lived.writes()
    of_operator = [event for event in events(audit) if event["user"]["username"] == USER]
    forbidden = [f"{event['verb']} {event['requestURI']}" for event in of_operator if decision(event) == "forbid"]
    counted(request, "requests of the operators of this session", len(of_operator), forbidden)


def events(audit: Audit) -> Iterator[dict[str, Any]]:
    """The audit log of this session."""
    with audit.path.open() as log:
        log.seek(audit.begun)
        yield from (json.loads(line) for line in log if line.endswith("\n"))


def decision(event: dict[str, Any]) -> str:
    """What the authorizer said; a namespace that is going away refuses writes in its own way."""
    return event.get("annotations", {}).get("authorization.k8s.io/decision", "")


def test_the_operator_may_nudge_a_proxy_and_change_nothing_else_of_any_pod(lived: Stage) -> None:
    gateway = lived.gateway("rights")
    pod = gateway.ready_pods()[0]["metadata"]["name"]
    patch_pod(lived, pod, {"metadata": {"annotations": {"aigateway.dev/nudge": "by-a-test"}}})
    changes: list[Object] = [
        {"metadata": {"annotations": {"example.com/other": "x"}}},
        {"metadata": {"labels": {"app.kubernetes.io/name": "x"}}},
        {"spec": {"activeDeadlineSeconds": 1}},
        {"spec": {"containers": [{"name": "proxy", "image": "local.test/other:1"}]}},
    ]
    for change in changes:
        with pytest.raises(RefusedError) as refused:
            patch_pod(lived, pod, change)
        assert refused.value.code in (403, 422), change


def patch_pod(stage: Stage, pod: str, change: Object) -> None:
    """Changes a pod in the operator's name."""
    headers = {"content-type": "application/strategic-merge-patch+json", **AS_OPERATOR}
    stage.api.ask("PATCH", f"/api/v1/namespaces/{stage.namespace}/pods/{pod}", json=change, headers=headers)


def test_proxies_are_let_in_by_a_restricted_namespace_and_hold_no_token(lived: Stage) -> None:
    namespace = lived.api.get("Namespace", lived.namespace)
    assert namespace
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    gateway = lived.gateway("rights")
    assert set(owned(gateway)) == set(OWNED)
    pods = wait_for(gateway.ready_pods, SETTLES_WITHIN, "proxies")
    for pod in pods:
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert "serviceAccountToken" not in json.dumps(pod["spec"]["volumes"])
