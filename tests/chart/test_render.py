"""What the chart renders: the operator's pod, its rights, and the objects around it."""

import re
from typing import Any

import pytest
import yaml

from chart import Object, container, environment, helm, of_kind, only, render, without
from values import CHART

ROOT = CHART.parents[1]
DIGEST = "sha256:" + "0123456789abcdef" * 4

SETS: dict[str, Object] = {
    "defaults": {},
    "two-replicas": {"replicas": 2},
    "no-replicas": {"replicas": 0},
    "some-namespaces": {"watchNamespaces": ["one", "two"]},
    "mirror": {"global": {"imageRegistry": "registry.example.com/mirror", "imagePullSecrets": ["pull"]}},
    "digests": {"image": {"digest": DIGEST, "tag": "other"}, "proxy": {"image": {"digest": DIGEST, "tag": "other"}}},
    "monitored": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}, "interval": "15s"},
        "podMonitor": {"enabled": True, "labels": {"release": "prometheus"}, "interval": "15s"},
    },
    "bare": {
        "crds": {"enabled": False},
        "admissionPolicy": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "metricsService": {"enabled": False},
        "rbac": {"create": False},
        "serviceAccount": {"create": False, "name": "mine"},
    },
    "scheduled": {
        "nodeSelector": {"pool": "system"},
        "tolerations": [{"key": "system", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{}]}}},
        "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}],
        "priorityClassName": "system-cluster-critical",
    },
    "labelled": {
        "commonLabels": {"team": "ai"},
        "podLabels": {"tier": "control"},
        "podAnnotations": {"note": "a"},
        "serviceAccount": {"annotations": {"note": "b"}},
        "metricsService": {"annotations": {"note": "c"}},
    },
    "extra": {
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
        "extraObjects": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"b": "{{ .Release.Name }}"}},
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-text\n",
        ],
    },
    "named": {"fullnameOverride": "gateways", "nameOverride": "other"},
    "deletes-its-definition": {"crds": {"keep": False}},
    "a-dependency": {"enabled": True, "podSecurityContext": {"runAsUser": None, "runAsGroup": None, "fsGroup": None}},
}


Name = tuple[str, str | None, str]


def name_of(one: Object) -> Name:
    """What tells an object from all others."""
    return one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]


@pytest.mark.parametrize("values", SETS.values(), ids=SETS)
def test_lint_has_nothing_to_say(values: Object) -> None:
    said = helm("lint", "--strict", str(CHART), values=values)
    assert "1 chart(s) linted, 0 chart(s) failed" in said


@pytest.mark.parametrize("values", SETS.values(), ids=SETS)
def test_every_object_is_whole_and_there_once(values: Object) -> None:
    objects = render(values)
    names = [name_of(one) for one in objects]
    assert len(set(names)) == len(names) > 0
    for one in objects:
        if one["kind"] != "ConfigMap":
            assert one["metadata"]["labels"]["app.kubernetes.io/instance"] == "aigateway"
        for label in one["metadata"].get("labels", {}).values():
            assert re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", label)


@pytest.mark.parametrize("values", SETS.values(), ids=SETS)
def test_selectors_find_the_operators_pod(values: Object) -> None:
    objects = render(values)
    labels = only(objects, "Deployment")["spec"]["template"]["metadata"]["labels"].items()
    selectors = [
        only(objects, "Deployment")["spec"]["selector"]["matchLabels"],
        *(one["spec"]["selector"] for one in of_kind(objects, "Service")),
        *(one["spec"]["selector"]["matchLabels"] for one in of_kind(objects, "PodDisruptionBudget")),
        *(one["spec"]["podSelector"]["matchLabels"] for one in of_kind(objects, "NetworkPolicy")),
    ]
    for selector in selectors:
        assert selector.items() <= labels
    for monitor in of_kind(objects, "ServiceMonitor"):
        scraped = only(objects, "Service")["metadata"]["labels"].items()
        assert monitor["spec"]["selector"]["matchLabels"].items() <= scraped


def test_the_version_is_the_workspaces() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    [version] = re.findall(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert [chart["version"], chart["appVersion"]] == [version, version]
    objects = render()
    images = {container(objects)["image"], environment(objects)["PROXY_IMAGE"]}
    assert {one["image"] for one in yaml.safe_load(chart["annotations"]["artifacthub.io/images"])} == images
    assert images == {f"aigateway-operator:{version}", f"aigateway-proxy:{version}"}


def test_what_the_chart_says_of_the_resource_is_so() -> None:
    notes = yaml.safe_load((CHART / "Chart.yaml").read_text())["annotations"]
    definition = only(render(), "CustomResourceDefinition")
    [said] = yaml.safe_load(notes["artifacthub.io/crds"])
    assert said["name"] == definition["metadata"]["name"]
    assert said["kind"] == definition["spec"]["names"]["kind"]
    assert [said["version"]] == [one["name"] for one in definition["spec"]["versions"]]
    assert yaml.safe_load(notes["artifacthub.io/crdsExamples"]) == [
        yaml.safe_load((ROOT / "crds/examples/minimal.yaml").read_text())
    ]


def test_the_definition_is_the_crates_own() -> None:
    definition = only(render(), "CustomResourceDefinition")
    assert definition["spec"] == yaml.safe_load((ROOT / "crds/aigateway.yaml").read_text())["spec"]


def test_the_definition_is_kept_unless_told_otherwise() -> None:
    assert only(render(), "CustomResourceDefinition")["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    kept_not = render({"crds": {"keep": False}})
    assert "annotations" not in only(kept_not, "CustomResourceDefinition")["metadata"]
    assert without(kept_not, "CustomResourceDefinition") == render({"crds": {"enabled": False}})


def test_the_pod_is_restricted() -> None:
    pod = only(render(), "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "fsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(render())["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not pod.keys() & {"volumes", "hostNetwork", "hostPID", "hostIPC", "initContainers"}
    assert not any("hostPort" in port for port in container(render())["ports"])


def test_the_token_is_the_operators_alone() -> None:
    objects = render()
    assert only(objects, "ServiceAccount")["automountServiceAccountToken"] is False
    pod = only(objects, "Deployment")["spec"]["template"]["spec"]
    assert [pod["serviceAccountName"], pod["automountServiceAccountToken"]] == ["aigateway", True]


@pytest.mark.parametrize(
    ("values", "operator", "proxy"),
    [
        ({}, "aigateway-operator:0.1.0", "aigateway-proxy:0.1.0"),
        ({"image": {"tag": "1"}, "proxy": {"image": {"tag": "2"}}}, "aigateway-operator:1", "aigateway-proxy:2"),
        (SETS["digests"], f"aigateway-operator@{DIGEST}", f"aigateway-proxy@{DIGEST}"),
        (
            {"image": {"registry": "a.example"}, "proxy": {"image": {"registry": "b.example:5000"}}},
            "a.example/aigateway-operator:0.1.0",
            "b.example:5000/aigateway-proxy:0.1.0",
        ),
        (
            {"global": {"imageRegistry": "m.example/x"}, "image": {"registry": "a.example", "repository": "team/op"}},
            "m.example/x/team/op:0.1.0",
            "m.example/x/aigateway-proxy:0.1.0",
        ),
    ],
)
def test_an_images_reference(values: Object, operator: str, proxy: str) -> None:
    objects = render(values)
    assert [container(objects)["image"], environment(objects)["PROXY_IMAGE"]] == [operator, proxy]


def test_pull_secrets_reach_operator_and_proxies() -> None:
    everywhere, here, there = {"imagePullSecrets": ["all"]}, ["a", "all"], {"imagePullSecrets": ["b"]}
    objects = render({"global": everywhere, "imagePullSecrets": here, "proxy": there})
    pod = only(objects, "Deployment")["spec"]["template"]["spec"]
    assert pod["imagePullSecrets"] == [{"name": "all"}, {"name": "a"}]
    assert environment(objects)["PROXY_PULL_SECRETS"] == "all,b"


def test_the_operator_is_told_what_the_values_say() -> None:
    values = SETS["extra"] | {"watchNamespaces": ["one", "two"], "maxRolls": 3, "logLevel": "debug"}
    assert environment(render(values)) == {
        "POD_NAMESPACE": {"fieldRef": {"fieldPath": "metadata.namespace"}},
        "POD_NAME": {"fieldRef": {"fieldPath": "metadata.name"}},
        "LEASE_NAME": "aigateway",
        "WATCH_NAMESPACE": "one,two",
        "PROXY_IMAGE": "aigateway-proxy:0.1.0",
        "PROXY_PULL_POLICY": "IfNotPresent",
        "MAX_ROLLS": "3",
        "RUST_LOG": "debug",
        "HTTPS_PROXY": "http://proxy:3128",
    }


def test_the_operator_knows_each_variable_that_it_is_given() -> None:
    main = "".join(file.read_text() for file in (ROOT / "operator/src").rglob("*.rs"))
    given = environment(render({"watchNamespaces": ["one"], "proxy": {"imagePullSecrets": ["a"]}}))
    for name in given.keys() - {"RUST_LOG"}:
        assert f'"{name}"' in main, f"the operator does not read {name}"


def test_two_replicas_keep_apart_and_one_has_no_budget() -> None:
    assert not of_kind(render(), "PodDisruptionBudget")
    assert "affinity" not in only(render(), "Deployment")["spec"]["template"]["spec"]
    two = render({"replicas": 2})
    assert only(two, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    affinity: Any = only(two, "Deployment")["spec"]["template"]["spec"]["affinity"]
    [spread] = affinity["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert spread["podAffinityTerm"]["topologyKey"] == "kubernetes.io/hostname"


def test_scheduling_is_passed_on() -> None:
    pod = only(render(SETS["scheduled"]), "Deployment")["spec"]["template"]["spec"]
    assert {key: pod[key] for key in SETS["scheduled"]} == SETS["scheduled"]


def test_labels_and_annotations_are_added_and_take_nothing_away() -> None:
    plain, labelled = render(), render(SETS["labelled"] | {"commonLabels": {"team": "ai", "helm.sh/chart": "mine"}})
    for before, after in zip(plain, labelled, strict=True):
        assert after["metadata"]["labels"] == before["metadata"]["labels"] | {"team": "ai"}
    template = only(labelled, "Deployment")["spec"]["template"]["metadata"]
    assert template["labels"]["tier"] == "control"
    assert template["annotations"]["note"] == "a"
    assert only(labelled, "ServiceAccount")["metadata"]["annotations"] == {"note": "b"}
    assert only(labelled, "Service")["metadata"]["annotations"] == {"note": "c"}


def test_only_the_admin_port_is_let_in() -> None:
    assert only(render(), "NetworkPolicy")["spec"]["policyTypes"] == ["Ingress"]
    assert only(render(), "NetworkPolicy")["spec"]["ingress"] == [{"ports": [{"port": "admin", "protocol": "TCP"}]}]
    peers = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
    [rule] = only(render({"networkPolicy": {"from": peers}}), "NetworkPolicy")["spec"]["ingress"]
    assert rule["from"] == peers


def test_monitors_are_off_and_select_what_has_metrics() -> None:
    assert not of_kind(render(), "PodMonitor") + of_kind(render(), "ServiceMonitor")
    pods = only(render(SETS["monitored"]), "PodMonitor")
    assert pods["metadata"]["labels"]["release"] == "prometheus"
    assert pods["spec"]["selector"]["matchLabels"] == {"app.kubernetes.io/name": "aigateway-proxy"}
    assert pods["spec"]["podMetricsEndpoints"] == [{"port": "admin", "interval": "15s"}]
    assert pods["spec"]["namespaceSelector"] == {"any": True}
    some = only(render(SETS["monitored"] | {"watchNamespaces": ["one"]}), "PodMonitor")
    assert some["spec"]["namespaceSelector"] == {"matchNames": ["one"]}
    operator = only(render(SETS["monitored"]), "ServiceMonitor")
    assert operator["spec"]["endpoints"] == [{"port": "metrics", "interval": "15s"}]


def test_extra_objects_are_templates() -> None:
    [first, second] = of_kind(render(SETS["extra"]), "ConfigMap")
    assert sorted([first["metadata"]["name"], second["metadata"]["name"]]) == ["a", "aigateway-text"]
    assert {"b": "aigateway"} in [first.get("data"), second.get("data")]


def test_two_releases_share_no_name() -> None:
    def names(objects: list[Object]) -> set[Name]:
        return {name_of(one) for one in without(objects, "CustomResourceDefinition")}

    everything = {"replicas": 2} | SETS["monitored"]
    one = names(render(everything))
    assert not one & names(render(everything, release="second"))
    assert not one & names(render(everything, namespace="elsewhere"))
    assert ("Deployment", "aigateway-system", "second-aigateway") in names(render(everything, release="second"))


def test_long_names_are_cut_to_what_kubernetes_takes() -> None:
    for one in render({"replicas": 2} | SETS["monitored"], release="r" * 40 + ".x" * 6):
        longest = 63 if one["kind"] in {"Service", "Deployment"} else 253
        assert len(one["metadata"]["name"]) <= longest
