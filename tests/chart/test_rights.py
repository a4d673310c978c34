"""The operator's rights are those of the threat model's table, and no more."""

import re

import pytest

from chart import Object, of_kind, only, render
from values import CHART

PAGE = CHART.parents[1] / "docs/threat-model.md"
GROUPS = {
    "aigateways": "aigateway.dev",
    "aigateways/status": "aigateway.dev",
    "aigateways/finalizers": "aigateway.dev",
    "deployments": "apps",
    "services": "",
    "configmaps": "",
    "serviceaccounts": "",
    "poddisruptionbudgets": "policy",
    "networkpolicies": "networking.k8s.io",
    "pods": "",
    "secrets": "",
    "events": "events.k8s.io",
    "leases": "coordination.k8s.io",
}

Rights = dict[tuple[str, str], set[str]]


def documented() -> Rights:
    """The table of the threat model."""
    rows = re.findall(r"^\| `([a-z/`, ]+)` \| ([a-z, ]+) \|", PAGE.read_text(), re.MULTILINE)
    each = [(resource, verbs) for names, verbs in rows for resource in names.split("`, `")]
    return {(GROUPS[resource], resource): set(verbs.split(", ")) for resource, verbs in each}


def granted(roles: list[Object]) -> Rights:
    """What roles grant."""
    rights: Rights = {}
    for role in roles:
        for rule in role["rules"]:
            assert rule.keys() == {"apiGroups", "resources", "verbs"}
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    rights.setdefault((group, resource), set()).update(rule["verbs"])
    return rights


def roles_of(objects: list[Object], account: str = "aigateway") -> list[Object]:
    """The roles that are bound to the operator's ServiceAccount."""
    bound = []
    for binding in of_kind(objects, "ClusterRoleBinding") + of_kind(objects, "RoleBinding"):
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": account, "namespace": "aigateway-system"}]
        [role] = [
            one
            for one in of_kind(objects, binding["roleRef"]["kind"])
            if one["metadata"]["name"] == binding["roleRef"]["name"]
            and one["metadata"].get("namespace") == binding["metadata"].get("namespace")
        ]
        bound.append(role)
    return bound


def test_the_rights_are_the_documented_ones() -> None:
    assert len(documented()) == len(GROUPS)
    assert granted(roles_of(render())) == documented()
    assert granted(roles_of(render({"watchNamespaces": ["one"]}))) == documented()


def test_nothing_has_a_wildcard() -> None:
    for role in of_kind(render(), "ClusterRole") + of_kind(render(), "Role"):
        for rule in role["rules"]:
            assert "*" not in "".join(rule["apiGroups"] + rule["resources"] + rule["verbs"])
            assert not {"escalate", "bind", "impersonate"} & set(rule["verbs"])


def test_some_namespaces_are_roles_in_just_these() -> None:
    objects = render({"watchNamespaces": ["one", "two"]})
    assert not of_kind(objects, "ClusterRoleBinding")
    where = {role["metadata"]["namespace"] for role in roles_of(objects)}
    assert where == {"one", "two", "aigateway-system"}


@pytest.mark.parametrize("values", [{}, {"watchNamespaces": ["one"]}], ids=["all namespaces", "some"])
def test_the_lease_is_in_the_releases_own_namespace(values: Object) -> None:
    [role] = [role for role in roles_of(render(values)) if ("coordination.k8s.io", "leases") in granted([role])]
    assert [role["kind"], role["metadata"]["namespace"]] == ["Role", "aigateway-system"]
    assert granted([role]).keys() == {("coordination.k8s.io", "leases")}


def test_another_account_is_bound_and_held_in_its_place() -> None:
    objects = render({"serviceAccount": {"create": False, "name": "mine"}})
    assert granted(roles_of(objects, account="mine")) == documented()
    assert not of_kind(objects, "ServiceAccount")
    assert "system:serviceaccount:aigateway-system:mine" in str(only(objects, "ValidatingAdmissionPolicy"))


def test_who_may_view_or_edit_a_namespace_may_do_so_with_its_gateways() -> None:
    users = {
        role["metadata"]["name"]: role
        for role in of_kind(render(), "ClusterRole")
        if any("aggregate-to" in label for label in role["metadata"]["labels"])
    }
    view, edit = users["aigateway-view.aigateway-system"], users["aigateway-edit.aigateway-system"]
    assert {verb for verbs in granted([view]).values() for verb in verbs} == {"get", "list", "watch"}
    assert {resource for _, resource in granted([edit])} == {"aigateways", "aigateways/scale"}
    assert "rbac.authorization.k8s.io/aggregate-to-view" not in edit["metadata"]["labels"]
    assert not any("aggregate-to" in label for role in roles_of(render()) for label in role["metadata"]["labels"])
