"""Fault 32: on the way between a township and its county packets of one direction are lost, for good or for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.faults.crossing import Crossing
from tests.faults.linked import BOLIN, MATIAN, Linked

MakeLinked = Callable[..., Linked]


@pytest.fixture
def folder() -> Iterator[Path]:
    with servers.folder() as path:
        yield path


@pytest.fixture
def crossed(make_linked: MakeLinked, folder: Path) -> Iterator[tuple[Linked, Crossing]]:
    """A county with two townships, of which Matian's link goes by way of a namespace."""
    linked = make_linked()
    crossing = Crossing(folder, linked.county.broker.ports["amqp"])
    linked.wires[MATIAN].upstream = crossing.file
    yield linked, crossing
    crossing.close()


def deaf(linked: Linked, crossing: Crossing, way: str) -> None:
    """While packets of one direction are lost, both sides and the other township work on."""
    linked.hand_down(4)
    linked.rest()
    crossing.lose(way)
    assert linked.work(MATIAN) == 2  # before anything new comes down
    linked.hand_down(4)
    linked.until(lambda: known(linked, BOLIN) == 4, "Bolin to have what is its own")
    assert linked.work(BOLIN) == 4
    linked.until(lambda: answered(linked, BOLIN) == 4, "Bolin's answers to have come")
    assert (answered(linked, MATIAN) == 0) if way == "up" else (known(linked, MATIAN) == 2), "packets are lost indeed"


def known(linked: Linked, town: str) -> int:
    return int(linked.towns[town].query("SELECT count(*) FROM routing.assignment")[0][0])


def answered(linked: Linked, town: str) -> int:
    counted = "SELECT count(*) FROM routing.assignment WHERE instance = %s AND stage = 'replied'"
    return int(linked.county.query(counted, town)[0][0])


@pytest.mark.parametrize("way", ["up", "down"])
def test_32_what_is_lost_one_way_is_sent_again_and_nobody_else_waits(crossed: tuple[Linked, Crossing], way: str) -> None:
    linked, crossing = crossed
    linked.start()
    deaf(linked, crossing, way)
    crossing.mend()
    linked.rest()
    assert linked.work(MATIAN) == 2
    linked.rest()
    assert linked.conclude() == 8
    linked.agree()
    assert linked.violations() == []


def test_32_twin_a_relay_that_awaits_no_confirms_and_a_county_that_asks_for_nothing_lose_what_was_under_way(
    crossed: tuple[Linked, Crossing],
) -> None:
    linked, crossing = crossed
    linked.start(broken="quick,no_confirms,never_asks")
    linked.hand_down(4)
    linked.rest()
    assert linked.work(MATIAN) == 2
    linked.rest()  # the township's connection is open and has been used
    linked.hand_down(4)
    linked.rest()
    crossing.lose("up")
    assert linked.work(MATIAN) == 2
    town = linked.towns[MATIAN]
    believed = (  # what is not sealed is not counted by the heads
        "SELECT (SELECT count(*) FROM routing.event_log WHERE sequence IS NULL),"
        " (SELECT count(*) FROM routing.delivery d JOIN routing.stream_head h USING (stream)"
        " WHERE d.destination LIKE 'link%%' AND d.sequence < h.sequence)"
    )
    linked.until(lambda: town.query(believed) == [(0, 0)], "the township to believe that all has left")
    crossing.crash()  # or the kernel would send again what it still has
    crossing.mend()
    with pytest.raises(TimeoutError):
        linked.agree(timeout=8)
    assert any(line.startswith("I6") for line in linked.violations())
