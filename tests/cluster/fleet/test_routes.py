"""The kernel's account of connections is read as it writes it."""

from fleet.routes import led_to

KERNELS = """\
ipv4     2 tcp      6 431999 ESTABLISHED src=198.18.0.11 dst=198.19.130.7 sport=41234 dport=80 src=198.19.2.7 \
dst=198.18.0.11 sport=8080 dport=41234 [ASSURED] mark=0 zone=0 use=2
ipv4     2 tcp      6 19 TIME_WAIT src=198.18.0.11 dst=198.19.130.9 sport=41236 dport=80 src=198.19.1.5 \
dst=198.18.0.11 sport=8080 dport=41236 [ASSURED] mark=0 zone=0 use=2
ipv4     2 tcp      6 112 SYN_SENT src=198.18.0.11 dst=198.19.130.7 sport=41236 dport=80 [UNREPLIED] src=198.19.3.2 \
dst=198.18.0.11 sport=8080 dport=41236 mark=0 zone=0 use=2
ipv4     2 udp      17 12 src=198.18.0.11 dst=198.19.128.2 sport=41238 dport=53 src=198.18.0.11 \
dst=198.18.0.11 sport=53 dport=41238 mark=0 zone=0 use=2
"""


def check(port: int, expected: str | None) -> None:
    assert led_to(port, "198.19.130.7", KERNELS) == expected


def test_a_connection_is_led_to_whoever_answers_it() -> None:
    check(41234, "198.19.2.7")


def test_a_connection_without_an_answer_is_led_to_whoever_should() -> None:
    check(41236, "198.19.3.2")


def test_of_other_connections_nothing_is_known() -> None:
    check(8080, None)
    check(41238, None)
    check(1, None)
