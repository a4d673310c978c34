"""What an answer tells of the proxy that gave it."""

from fleet.ask import Answer


def test_the_mark_is_the_bound_of_the_limit_of_that_name() -> None:
    def check(policy: str | None, expected: int | None) -> None:
        assert Answer(200, {"ratelimit-policy": policy} if policy else {}, b"").mark == expected

    check('"mark";q=1000007;w=60', 1_000_007)
    check('"other";q=5;w=1, "mark";q=12;w=60', 12)
    check('"my-mark";q=5;w=1', None)
    check(None, None)
