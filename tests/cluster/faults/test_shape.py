"""What counts as the same end state. No cluster."""

from typing import Any

from faults.shape import differences, shape


def owned(name: str, uid: str, **spec: object) -> dict[str, Any]:
    annotations = {"aigateway.dev/desired": f"hash-of-{uid}", "deployment.kubernetes.io/revision": "1"}
    metadata = {"name": name, "namespace": "ai", "uid": f"own-{uid}", "generation": 3, "annotations": annotations}
    return {
        "metadata": {**metadata, "ownerReferences": [{"uid": uid, "name": name}]},
        "spec": {"clusterIP": f"10.{uid}", **spec},
        "status": {"replicas": 2},
    }


def shape_of(name: str, uid: str, **spec: object) -> dict[str, Any]:
    gateway = {"metadata": {"name": name, "namespace": "ai", "uid": uid}}
    return shape({"Deployment": owned(name, uid, **spec)}, gateway)


def test_names_uids_and_addresses_do_not_count() -> None:
    assert differences(shape_of("one", "u-1", replicas=2), shape_of("two", "u-2", replicas=2)) == []


def test_each_other_field_counts() -> None:
    assert differences(shape_of("one", "u-1", replicas=2), shape_of("one", "u-1", replicas=3)) == [
        ".Deployment.spec.replicas: 2 is not 3"
    ]
    assert differences({"a": [1, 2]}, {"a": [1]}) == [".a: [1, 2] is not [1]"]
    assert differences({}, shape_of("one", "u-1")) != []


def test_a_second_revision_counts() -> None:
    rolled = shape_of("one", "u-1")
    rolled["Deployment"]["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    assert differences(shape_of("one", "u-1"), rolled) != []
