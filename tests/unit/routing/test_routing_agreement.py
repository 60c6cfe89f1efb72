"""Whether two instances hold the same is told from the figures of their streams."""

from __future__ import annotations

import pytest

from services.routing.domain.agreement import Flow, Verdict, worst
from tests.unit.routing.builders import NOW


def flow(*, held: int = 5, head: int = 5, agrees: bool | None = True, way: str = "out") -> Flow:
    return Flow(
        peer="431023104", way=way, consumer="routing", stream="/431023/routing 431023104", held=held, head=head, delivered=head,
        since=NOW, compared_at=NOW, agrees=agrees,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "verdict", "behind", "lost"),
    [
        (flow(), Verdict.AGREES, 0, 0),
        (flow(held=2), Verdict.BEHIND, 3, 0),
        (flow(agrees=None), Verdict.BEHIND, 0, 0),
        (flow(agrees=False), Verdict.DIFFERS, 0, 0),
        (flow(held=2, agrees=False), Verdict.DIFFERS, 3, 0),
        (flow(held=7, agrees=False), Verdict.DIFFERS, 0, 2),
        (flow(held=7, way="in"), Verdict.AGREES, 0, 0),
    ],
    ids=[
        "all held",
        "some missing",
        "never compared",
        "another digest",
        "both",
        "more there than here",
        "more here than told of",
    ],
)
def test_a_stream_is_held_or_behind_or_differs(one: Flow, verdict: Verdict, behind: int, lost: int) -> None:
    assert (one.verdict, one.behind, one.lost) == (verdict, behind, lost)


def test_of_several_streams_the_worst_counts() -> None:
    assert worst([]) is Verdict.AGREES
    assert worst([flow(), flow(held=1)]) is Verdict.BEHIND
    assert worst([flow(held=1), flow(agrees=False), flow()]) is Verdict.DIFFERS
