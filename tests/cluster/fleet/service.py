"""A gateway's Service as its callers meet it: kube-proxy leads each new connection to one of the pods."""

import socket
from collections.abc import Iterable

from fleet.calls import Door
from fleet.judge import Pod
from fleet.routes import led_to
from gateway import Gateway
from wait import wait_for


def door_of(gateway: Gateway) -> Door:
    """Where chat completions go by the Service."""
    path = f"/v1/{gateway.namespace}/{gateway.name}/openai/chat/completions"
    address = address_of(gateway)
    return Door(address, path, route=lambda port: led_to(port, address[0]))


def address_of(gateway: Gateway) -> tuple[str, int]:
    """Its address and port."""
    return gateway.origin().removeprefix("http://"), 80


def wait_led(gateway: Gateway, pods: Iterable[Pod]) -> None:
    """Waits until new connections are led to each of these pods: kube-proxy hears of a pod after it is Ready."""
    address = address_of(gateway)
    for pod in pods:
        wait_for(lambda pod=pod: pod_behind(address) == pod.address, 20, f"the Service leads to {pod.name}", every=0.01)


def pod_behind(address: tuple[str, int]) -> str | None:
    """The address of the pod that a new connection is led to; `None` where it is refused."""
    try:
        with socket.create_connection(address, 5) as connection:
            return led_to(connection.getsockname()[1], address[0])
    except OSError:
        return None
