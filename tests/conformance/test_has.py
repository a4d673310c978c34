"""has.py is the truth: a door leads to the types that it lists for it, and to no other."""

from collections.abc import Iterator

import httpx2
import pytest
import yaml

from gateway import Gateway
from has import REACHES, TYPES
from upstream import Upstream, error

OPTIONS = {
    "google-vertex-ai": {"vertex": {"project": "example", "region": "europe-west1"}},
    "aws-bedrock": {"bedrock": {"region": "eu-central-1"}},
}
QUESTION = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 9}


@pytest.fixture(scope="module")
def every(provider: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a provider of each type."""
    providers = [
        {"name": f"a-{kind}", "type": kind, "baseUrl": f"{provider.origin}/{kind}", **OPTIONS.get(kind, {})}
        for kind in TYPES
    ]
    gateway = {
        "apiVersion": "aigateway.dev/v1alpha1",
        "kind": "AIGateway",
        "metadata": {"name": "every", "namespace": "sdk"},
        "spec": {"providers": providers, "retry": {"attempts": 1}},
    }
    file = tmp_path_factory.mktemp("every") / "every.yaml"
    file.write_text(yaml.safe_dump(gateway))
    with Gateway("-f", str(file)) as running:
        yield running


@pytest.mark.parametrize("door", REACHES)
def test_a_door_leads_to_the_types_that_it_is_said_to(provider: Upstream, every: Gateway, door: str) -> None:
    reached = []
    for kind in TYPES:
        provider.play(error(418, {"error": {"message": "a teapot"}}))
        body = {"model": f"a-{kind}/some-model", **QUESTION}
        if door == "v1/responses":
            body = {"model": body["model"], "input": "Hello"}
        answer = httpx2.post(f"{every.origin}/{door}", json=body, headers={"authorization": "Bearer k"}, timeout=20)
        assert answer.status_code in (400, 404, 418), answer.text
        reached += [kind] * len(provider.requests)
    assert reached == REACHES[door]
