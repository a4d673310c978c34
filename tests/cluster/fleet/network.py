"""What a pod may not reach for a while: packets that its own network drops."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from fleet.processes import of_container
from machine import run


@contextmanager
def cut_off(containers: Sequence[str], port: int) -> Iterator[None]:
    """None of the pods of these containers reaches that TCP port anywhere, until the block's end."""
    networks = [str(of_container(container)[0]) for container in containers]
    rule = ["OUTPUT", "--protocol", "tcp", "--dport", str(port), "--jump", "DROP"]
    made = []
    try:
        for network in networks:
            run("nsenter", "--target", network, "--net", "iptables", "--wait", "--insert", *rule)
            made.append(network)
        yield
    finally:
        for network in made:
            run("nsenter", "--target", network, "--net", "iptables", "--wait", "--delete", *rule)
