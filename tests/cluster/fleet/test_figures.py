"""Percentiles by the nearest rank."""

from fleet.figures import percentile


def test_a_percentile_is_one_of_the_values() -> None:
    def check(values: list[float], share: float, expected: float) -> None:
        assert percentile(values, share) == expected

    check([3, 1, 2], 50, 2)
    check([1, 2, 3, 4], 50, 2)
    check([1, 2, 3, 4], 99, 4)
    check(list(range(1, 101)), 99, 99)
    check([7], 50, 7)
