"""The fault proxy itself, against a small fake server: a proxy that faults nothing could prove nothing. No cluster."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPException, HTTPSConnection, IncompleteRead
from pathlib import Path
from time import monotonic

import pytest

from faults import certificate, script
from faults.asked import asked
from faults.fake import FakeServer, event
from faults.proxy import FaultProxy
from faults.script import Rule, is_write, watches

PODS = "/api/v1/namespaces/ai/pods"
WATCH = f"{PODS}?watch=true&resourceVersion=0"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> certificate.Authority:
    return certificate.authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def server(signer: certificate.Authority, tmp_path: Path) -> Iterator[FakeServer]:
    with FakeServer(certificate.identity(tmp_path, signer, "server")) as server:
        yield server


@pytest.fixture
def proxy(signer: certificate.Authority, server: FakeServer, tmp_path: Path) -> Iterator[FaultProxy]:
    with FaultProxy(server.address, signer.certificate, certificate.identity(tmp_path, signer)) as proxy:
        yield proxy


@pytest.fixture
def connection(signer: certificate.Authority, proxy: FaultProxy) -> Iterator[HTTPSConnection]:
    trusted = ssl.create_default_context(cafile=str(signer.certificate))
    with closing(HTTPSConnection("127.0.0.1", proxy.port, context=trusted, timeout=5)) as connection:
        yield connection


def ask(connection: HTTPSConnection, method: str = "GET", target: str = PODS, body: bytes = b"") -> tuple[int, dict]:
    connection.request(method, target, body, {"authorization": "Bearer token", "accept": "application/json"})
    with connection.getresponse() as reply:
        return reply.status, json.loads(reply.read())


def events_of(connection: HTTPSConnection) -> Iterator[dict]:
    connection.request("GET", WATCH)
    reply = connection.getresponse()
    while line := reply.readline():
        yield json.loads(line)


def test_without_a_rule_all_passes_and_is_recorded(
    proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection
) -> None:
    assert ask(connection, "POST", PODS, b"new") == (200, {"asked": PODS, "body": "new"})
    assert ask(connection)[0] == 200
    assert server.received == [("POST", PODS, "Bearer token", b"new"), ("GET", PODS, "Bearer token", b"")]
    create, listed = proxy.asked()
    assert (create.number, create.verb, create.resource, create.namespace) == (1, "create", "pods", "ai")
    assert (create.status, create.accept, create.fault) == (200, "application/json", None)
    assert listed.verb == "list"
    assert "authorization" not in create.headers


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/api/v1/pods", ("list", "", "pods", "", "")),
        ("GET", "/api/v1/pods?watch=1", ("watch", "", "pods", "", "")),
        ("GET", "/api/v1/namespaces/ai", ("get", "", "namespaces", "", "ai")),
        ("PATCH", "/api/v1/namespaces/ai/pods/a", ("patch", "", "pods", "ai", "a")),
        ("PUT", "/apis/apps/v1/namespaces/ai/deployments/a/scale", ("update", "apps", "deployments/scale", "ai", "a")),
        ("DELETE", "/apis/apps/v1/namespaces/ai/deployments", ("deletecollection", "apps", "deployments", "ai", "")),
        ("GET", "/version", ("list", "", "", "", "")),
    ],
)
def test_a_request_is_named_as_rbac_names_it(method: str, target: str, expected: tuple[str, ...]) -> None:
    one = asked(1, method, target, {})
    assert (one.verb, one.group, one.resource, one.namespace, one.name) == expected


@pytest.mark.parametrize("fault", [script.CONFLICT, script.GONE, script.TOO_MANY, script.BROKEN])
def test_an_answer_is_given_in_the_servers_place_and_only_when_it_is_due(
    proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection, fault: script.Answer
) -> None:
    proxy.script(rule := Rule(is_write, fault, first=2))
    statuses = [ask(connection, method)[0] for method in ("GET", "POST", "PATCH", "DELETE")]
    assert statuses == [200, 200, fault.status, 200]
    assert [method for method, *_ in server.received] == ["GET", "POST", "DELETE"]
    assert (rule.met, rule.hits) == (3, 1)


def test_too_many_says_when_to_come_again(proxy: FaultProxy, connection: HTTPSConnection) -> None:
    proxy.script(Rule(is_write, script.TOO_MANY))
    connection.request("POST", PODS)
    with connection.getresponse() as reply:
        assert (reply.status, reply.getheader("retry-after")) == (429, "1")


@pytest.mark.parametrize(("fault", "reaches_the_server"), [(script.Drop(), True), (script.Cut(), False)])
def test_a_lost_connection_is_before_or_after_the_deed(
    proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection, fault: script.Fault, reaches_the_server: bool
) -> None:
    proxy.script(Rule(is_write, fault))
    with pytest.raises((OSError, HTTPException)):
        ask(connection, "POST")
    assert bool(server.received) == reaches_the_server
    assert proxy.asked()[0].status == (200 if reaches_the_server else None)
    connection.close()
    assert ask(connection, "POST")[0] == 200


def test_the_call_comes_after_the_deed_and_before_the_answer(
    proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection
) -> None:
    seen: list[int] = []
    proxy.script(Rule(is_write, script.Call(lambda: seen.append(len(server.received)))))
    with pytest.raises((OSError, HTTPException)):
        ask(connection, "POST")
    assert seen == [1]


def test_a_delay_is_as_long_as_it_says(proxy: FaultProxy, connection: HTTPSConnection) -> None:
    proxy.script(Rule(is_write, script.Delay(0.3)))
    begun = monotonic()
    assert ask(connection, "POST")[0] == 200
    assert 0.3 <= monotonic() - begun < 3


def test_the_events_of_a_watch_pass_as_they_come(
    proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection
) -> None:
    events = events_of(connection)
    for number in range(1, 4):
        server.push(1)
        assert next(events) == event(number)
    assert [(one.verb, one.status) for one in proxy.asked()] == [("watch", 200)]


def test_one_event_is_lost_and_the_next_one_comes(
    proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection
) -> None:
    proxy.script(Rule(watches("pods"), script.Lose(), first=2))
    server.push(3)
    events = events_of(connection)
    assert [next(events), next(events)] == [event(1), event(3)]


def test_a_frozen_watch_is_silent_until_it_thaws(
    proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection
) -> None:
    freeze = script.Freeze()
    proxy.script(rule := Rule(watches("pods"), freeze, first=2))
    events = events_of(connection)
    server.push(2)
    assert next(events) == event(1)
    came = threading.Event()
    reading = threading.Thread(target=lambda: (next(events), came.set()), daemon=True)
    reading.start()
    assert not came.wait(0.3)
    assert rule.hits == 1
    freeze.thawed.set()
    assert came.wait(5)
    reading.join()


def test_a_watch_expires_with_an_error_event(
    proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection
) -> None:
    proxy.script(Rule(watches("pods"), script.Expire(), first=2))
    server.push(2)
    first, last = events_of(connection)
    assert first == event(1)
    assert (last["type"], last["object"]["code"], last["object"]["reason"]) == ("ERROR", 410, "Expired")
    assert ask(connection)[0] == 200


def test_a_watch_breaks(proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection) -> None:
    proxy.script(Rule(watches("pods"), script.Break(), first=2))
    server.push(2)
    connection.request("GET", WATCH)
    with pytest.raises(IncompleteRead) as cut:
        connection.getresponse().read()
    assert json.loads(cut.value.partial) == event(1)


def test_all_connections_can_be_cut(proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection) -> None:
    connection.request("GET", WATCH)
    reply = connection.getresponse()
    server.push(1)
    assert json.loads(reply.readline()) == event(1)
    proxy.cut_all()
    with pytest.raises(IncompleteRead):
        reply.read()
    connection.close()
    assert ask(connection)[0] == 200


def test_a_client_that_goes_away_frees_its_watch(
    proxy: FaultProxy, server: FakeServer, connection: HTTPSConnection
) -> None:
    proxy.script(Rule(watches("pods"), script.Freeze()))
    server.push(1)
    connection.request("GET", WATCH)
    (watch,) = proxy.wait_for(lambda one: one.fault == "Freeze" or one.ended is not None)
    assert watch.ended is None
    connection.close()
    proxy.wait_for(lambda one: one.ended is not None)
