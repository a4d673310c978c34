"""The judge itself: it must see a lie, and must not see one where some order of events excuses what was read."""

from dataclasses import replace

from fleet.judge import Claim, Look, Pod, claiming, judge, ready_behind
from fleet.judge import steady as seen

A = Pod("a", "node1", "container-a", "198.19.1.2", ready=True, terminating=False)
B = Pod("b", "node2", "container-b", "198.19.2.2", ready=True, terminating=False)
MARKS = {1: 101, 2: 102, 3: 103}


def true_of(generation: int, spec: int | None = None) -> Claim:
    return Claim("True", "Programmed", generation, spec or generation)


def false_of(generation: int) -> Claim:
    return Claim("False", "AwaitingProxies", generation, generation)


def look(began: float, claim: Claim, **answers: int | None) -> Look:
    """A look at the pods A and B in which nothing changes."""
    marks = {f"container-{name}": mark for name, mark in answers.items()}
    return Look(began, (A, B), claim, marks, claim, (A, B), began + 0.01)


def steady(claim: Claim, **answers: int | None) -> list[Look]:
    """Looks for a second, the pods Ready all the while."""
    return [look(tenths / 10, claim, **answers) for tenths in range(11)]


def check(looks: list[Look], lies: int) -> None:
    verdict = judge(looks, MARKS)
    assert (verdict.looks, len(verdict.lies)) == (len(looks), lies), verdict.lies


def test_a_claim_that_all_answers_bear_out_is_no_lie() -> None:
    looks = steady(true_of(2), a=102, b=102)
    check(looks, 0)
    verdict = judge(looks, MARKS)
    assert (verdict.claims, verdict.judged, verdict.silent) == (11, 12, [])


def test_a_pod_behind_the_claim_makes_it_a_lie() -> None:
    check([*steady(true_of(2), a=102, b=102), look(1.1, true_of(2), a=102, b=101)], 1)
    check(steady(true_of(2), a=101, b=101), 12)


def test_a_pod_ahead_is_excused_by_a_later_spec_alone() -> None:
    check([*steady(true_of(2), a=102, b=102), look(1.1, true_of(2, spec=3), a=103, b=102)], 0)
    check([*steady(true_of(2), a=102, b=102), look(1.1, true_of(2), a=103, b=102)], 1)


def test_what_is_not_claimed_is_no_lie() -> None:
    check(steady(false_of(2), a=101, b=101), 0)
    check(steady(Claim("", "", 0, 2), a=101, b=101), 0)


def test_a_claim_that_comes_or_goes_meanwhile_is_not_judged() -> None:
    behind = look(1.1, true_of(2), a=101, b=102)
    before = steady(true_of(1, spec=2), a=101, b=102)
    check([*before, replace(behind, claim_before=true_of(1, spec=2))], 0)
    check([*before, replace(behind, claim_after=false_of(2))], 0)


def test_a_pod_that_comes_or_goes_meanwhile_is_not_judged() -> None:
    before = steady(true_of(1, spec=2), a=101, b=102)
    behind = look(1.1, true_of(2), a=101, b=102)
    for changed in (replace(A, ready=False), replace(A, terminating=True), replace(A, container="another")):
        check([*before, replace(behind, pods_before=(changed, B))], 0)
        check([*before, replace(behind, pods_after=(changed, B))], 0)
    check([*before, behind], 1)


def test_a_pod_counts_half_a_second_after_it_was_seen_ready() -> None:
    behind = [look(tenths / 10, true_of(2), a=101, b=102) for tenths in range(5)]
    check(behind, 0)
    check([*behind, look(0.5, true_of(2), a=101, b=102)], 1)


def test_a_pod_that_was_not_ready_begins_anew() -> None:
    gone = replace(look(1.1, true_of(2), b=102), pods_before=(replace(A, ready=False), B))
    check([*steady(true_of(1, spec=2), a=101, b=102), gone, look(1.2, true_of(2), a=101, b=102)], 0)


def test_a_claim_without_a_pod_is_a_lie() -> None:
    alone = [replace(look(tenths / 10, true_of(2)), pods_before=(), pods_after=()) for tenths in range(7)]
    check(alone, 2)
    check([replace(one, claim_before=false_of(2)) for one in alone], 0)


def test_a_claim_of_a_generation_that_never_was_is_a_lie() -> None:
    check([look(0.0, Claim("True", "Programmed", 9, 9))], 1)


def test_a_ready_pod_without_an_answer_is_told() -> None:
    verdict = judge(steady(true_of(2), a=102, b=None), MARKS)
    assert [pod for _, pod in verdict.silent] == [B] * 6


def test_a_claim_comes_too_soon_in_either_read_of_the_status() -> None:
    on_time = look(0.0, true_of(1, spec=2))
    assert claiming([on_time], 2) == []
    for found in (replace(on_time, claim_before=true_of(2)), replace(on_time, claim_after=true_of(2))):
        assert claiming([found], 2) == [found]
    assert claiming([replace(on_time, claim_before=false_of(2))], 2) == []


def test_steady_looks_are_those_that_saw_a_pod_ready_for_long_enough() -> None:
    looks = [look(tenths / 10, true_of(1)) for tenths in range(10)]
    assert seen(looks, A.container, 0.0, 9.0) == looks[5:]
    assert seen(looks, A.container, 0.6, 0.75) == [looks[6], looks[7]]
    assert seen(looks, "another", 0.0, 9.0) == []
    looks[7] = replace(looks[7], pods_after=(replace(A, ready=False), B))
    assert seen(looks, A.container, 0.0, 9.0) == looks[5:7]
    assert seen(looks, B.container, 0.0, 9.0) == looks[5:]


def test_a_pod_is_ready_behind_when_it_answers_with_less_than_it_should() -> None:
    behind = look(0.0, false_of(2), a=101, b=102)
    assert ready_behind([behind], A.container, 102) == [behind]
    assert ready_behind([behind], B.container, 102) == []
    assert ready_behind([replace(behind, pods_before=(replace(A, ready=False), B))], A.container, 102) == []
