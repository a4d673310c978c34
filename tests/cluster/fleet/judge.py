"""Whether a status ever claimed what was not so: a function of what was seen.

Nothing can be read all at once, so a look reads in this order:

    pods, status, one answer of each Ready pod, status, pods

A look speaks against the status only where no order of events within it could excuse what was seen:

- The status said Programmed=True of the same generation before and after the answers. A claim that was given up, or
  that came, while the pods were asked says nothing about the moment of their answers.
- The pod was Ready, not being deleted and the same container before and after. The status does not speak of others.
- The pod's answer was not of that generation, nor of a later one that the spec had by then: between a change of the
  spec and the operator's next word the status still speaks of the generation before, and names it, while a proxy may
  already be ahead. To lag behind the claim has no such excuse: a proxy never goes back.

One order remains that no operator can avoid: a pod becomes Ready by its kubelet's word, and the operator hears of that
after it happened. So a pod counts from `REACTS_WITHIN` after the first look that saw it Ready.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

REACTS_WITHIN = 0.5
"""Seconds in which the operator hears that a pod is Ready, asks it and says what it found."""


@dataclass(frozen=True)
class Pod:
    """A pod of the fleet, as the API server has it."""

    name: str
    node: str
    container: str
    """The id of its container; empty before it runs."""
    address: str
    ready: bool
    terminating: bool

    @property
    def counts(self) -> bool:
        """Whether the status speaks of it."""
        return self.ready and not self.terminating


@dataclass(frozen=True)
class Claim:
    """What the status says of Programmed."""

    status: str
    """`True`, `False`, `Unknown`; empty where there is no such condition yet."""
    reason: str
    generation: int
    """The one that the condition speaks of."""
    spec_generation: int
    """The one that the object had in the same read."""

    @property
    def holds(self) -> bool:
        """Whether it says that all is in force."""
        return self.status == "True"

    def __str__(self) -> str:
        """For the messages of failed assertions."""
        return f"Programmed={self.status} of {self.generation} (the spec's is {self.spec_generation})"


@dataclass(frozen=True)
class Look:
    """One look at everything, in the order of the fields."""

    began: float
    """Seconds on the monotonic clock."""
    pods_before: tuple[Pod, ...]
    claim_before: Claim
    answers: Mapping[str, int | None]
    """By container: the mark in the answer of each pod that was Ready; `None` where none came."""
    claim_after: Claim
    pods_after: tuple[Pod, ...]
    ended: float

    def __str__(self) -> str:
        """For the messages of failed assertions."""
        pods = ", ".join(
            f"{pod.name} answers {self.answers.get(pod.container)}" for pod in self.pods_before if pod.counts
        )
        return f"{self.began:.3f} to {self.ended:.3f}: {self.claim_before}, then {self.claim_after}; Ready: {pods}"


@dataclass
class Verdict:
    """What a run of looks came to."""

    looks: int = 0
    claims: int = 0
    """The looks in which Programmed=True stood from before to after."""
    judged: int = 0
    """The answers that were held against such a claim."""
    silent: list[tuple[float, Pod]] = field(default_factory=list)
    """Pods that were Ready from before to after and gave no answer: when, and which."""
    lies: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The counts, for the log of the tests."""
        return (
            f"{len(self.lies)} lies in {self.looks} samples: {self.claims} with a claim, "
            f"{self.judged} answers held against it, {len(self.silent)} without an answer"
        )


def judge(looks: Iterable[Look], marks: Mapping[int, int]) -> Verdict:
    """Holds each look's claim against its answers; `marks` has the mark of each generation's spec."""
    verdict, since = Verdict(), Since()
    for look in sorted(looks, key=lambda look: look.began):
        counted = since.steady(look)
        verdict.looks += 1
        verdict.silent += [(look.began, pod) for pod in counted if look.answers.get(pod.container) is None]
        before, after = look.claim_before, look.claim_after
        if not (before.holds and after.holds and before.generation == after.generation):
            continue
        verdict.claims += 1
        said = f"{look.began:.3f}: True of generation {before.generation} (mark {marks.get(before.generation)}), and"
        if before.generation not in marks:
            verdict.lies.append(f"{said} there was no such generation")
        if since.nobody_for(look) >= REACTS_WITHIN:
            verdict.lies.append(f"{said} no pod is Ready")
        allowed = {marks.get(generation) for generation in range(before.generation, after.spec_generation + 1)}
        answers = [(pod, mark) for pod in counted if (mark := look.answers.get(pod.container)) is not None]
        verdict.judged += len(answers)
        verdict.lies += [f"{said} {pod.name} answers with mark {mark}" for pod, mark in answers if mark not in allowed]
    return verdict


class Since:
    """Since when each container has been seen Ready without a break, and since when none has."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._ready: dict[str, float] = {}
        self._nobody: float | None = None

    def steady(self, look: Look) -> list[Pod]:
        """The pods that a claim of this look speaks of, those left out that became Ready just now."""
        after = {pod.container for pod in look.pods_after if pod.counts}
        through = [pod for pod in look.pods_before if pod.counts and pod.container in after]
        self._ready = {pod.container: self._ready.get(pod.container, look.began) for pod in through}
        anybody = any(pod.counts for pod in (*look.pods_before, *look.pods_after))
        self._nobody = None if anybody else self._nobody if self._nobody is not None else look.began
        return [pod for pod in through if look.began - self._ready[pod.container] >= REACTS_WITHIN]

    def nobody_for(self, look: Look) -> float:
        """How long no pod has been seen Ready, in seconds."""
        return 0.0 if self._nobody is None else look.began - self._nobody


def steady(looks: Iterable[Look], container: str, began: float, ended: float) -> list[Look]:
    """The looks between two times in which a claim speaks of that container; `looks` has those before as well."""
    since = Since()
    through = [(look, since.steady(look)) for look in sorted(looks, key=lambda look: look.began)]
    return [
        look
        for look, pods in through
        if began <= look.began and look.ended <= ended and any(pod.container == container for pod in pods)
    ]


def claiming(looks: Iterable[Look], generation: int) -> list[Look]:
    """The looks in which that generation was claimed to be in force, or a later one.

    To be held against pods that were seen in the first and in the last read of a look: a claim in either read between
    these stood while they were there.
    """
    return [
        look
        for look in looks
        if any(claim.holds and claim.generation >= generation for claim in (look.claim_before, look.claim_after))
    ]


def ready_behind(looks: Iterable[Look], container: str, mark: int) -> list[Look]:
    """The looks in which that container was Ready and then answered with a lower mark."""
    return [look for look in looks if was_ready(look, container) and (look.answers.get(container) or mark) < mark]


def was_ready(look: Look, container: str) -> bool:
    """Whether the look's first read saw the container count."""
    return any(pod.container == container and pod.counts for pod in look.pods_before)
