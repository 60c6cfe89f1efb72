"""Faults 29 to 32: what becomes of a county and its townships when the links between them fail."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.linked import BOLIN, MATIAN, Linked

MakeLinked = Callable[..., Linked]


def test_a_county_and_two_townships_agree_to_the_last_event(make_linked: MakeLinked) -> None:
    linked = make_linked()
    linked.start()
    linked.hand_down(8)
    linked.rest()
    assert linked.work(BOLIN) + linked.work(MATIAN) == 8
    linked.rest()
    assert linked.conclude() == 8
    linked.agree()
    assert linked.violations() == []
