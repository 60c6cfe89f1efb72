"""Faults 29 and 31: links that are cut, flap and lose what they carry; a township that replays its year; a broker killed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from deploy.dev.broker import Broker
from services.routing.handlers import sync
from shared.bus import topology
from shared.bus.broker import connect
from tests.faults.linked import BEGIN, BOLIN, COUNTY, MATIAN, Linked

MakeLinked = Callable[..., Linked]
TOWNS = (BOLIN, MATIAN)


def worked(linked: Linked, count: int) -> None:
    """Cases from their registration to their conclusion, half of them in each township."""
    linked.hand_down(count)
    linked.rest()
    assert sum(map(linked.work, TOWNS)) == count
    linked.rest()
    assert linked.conclude() == count


def test_a_county_and_two_townships_agree_to_the_last_event(make_linked: MakeLinked) -> None:
    linked = make_linked()
    linked.start()
    worked(linked, 8)
    linked.agree()
    assert linked.violations() == []


def cut_off_and_flapping(linked: Linked, flaps: int) -> None:
    """Both links are cut for three days, in which everybody works on; then they come and go under load."""
    linked.hand_down(6)
    linked.rest()
    for wire in linked.wires.values():
        wire.cut()
    for day in range(1, 4):
        linked.pass_time(BEGIN + timedelta(days=day))
        linked.hand_down(2)
    assert sum(map(linked.work, TOWNS)) == 6, "a township cut off goes on working"
    for _ in range(flaps):
        for wire in linked.wires.values():
            wire.mend()
        linked.hand_down(2)
        for town, wire in linked.wires.items():
            linked.work(town)
            wire.cut()
    for wire in linked.wires.values():
        wire.mend()


def test_29_links_that_are_cut_for_three_days_and_then_flap_lose_nothing(make_linked: MakeLinked) -> None:
    linked = make_linked()
    linked.start()
    cut_off_and_flapping(linked, flaps=6)
    linked.rest()
    for town in TOWNS:
        linked.work(town)
    linked.rest()
    linked.conclude()
    linked.agree()
    assert linked.violations() == []
    told = linked.county.query("SELECT count(*) FROM routing.event_log WHERE name = 'assignment.issued'")[0][0]
    assert linked.county.query("SELECT count(*) FROM routing.case_record WHERE stage = 'concluded'") == [(told,)]


def emptied(linked: Linked, broken: str = "quick") -> None:
    """What waits for a township at the county's broker is taken away while its link is cut."""
    linked.start(broken=broken)
    linked.hand_down(2)
    linked.rest()
    linked.wires[BOLIN].cut()
    linked.hand_down(6)
    sent = "SELECT count(*) FROM platform.outgoing WHERE peer = %s AND delivered = 4"
    linked.until(lambda: linked.county.query(sent, BOLIN) == [(1,)], "what is told to Bolin to have left")
    connection = connect(linked.county.broker.uri(vhost=linked.county.vhost), "tests")
    assert topology.purge(connection, f"{BOLIN}.link") >= 3
    connection.close()
    linked.wires[BOLIN].mend()


def test_29_what_a_link_lost_is_noticed_at_its_end_asked_for_and_filled(make_linked: MakeLinked) -> None:
    linked = make_linked(services=("intake", "routing"))
    emptied(linked)
    linked.agree()
    assert linked.work(BOLIN) == 4
    linked.agree()
    assert linked.violations() == []


def test_29_twin_a_township_that_does_not_ask_never_learns_what_it_was_told(make_linked: MakeLinked) -> None:
    linked = make_linked(services=("intake", "routing"))
    emptied(linked, "quick,never_asks")
    with pytest.raises(TimeoutError, match="events of 431023 routing on their way to 431023104"):
        linked.agree(timeout=8)
    assert any(line.startswith("I6") for line in linked.violations())


def test_29_twin_a_township_that_takes_any_number_does_not_notice_what_is_missing(make_linked: MakeLinked) -> None:
    linked = make_linked(services=("intake", "routing"))
    emptied(linked, "quick,takes_any_number")
    linked.hand_down(2)
    with pytest.raises(TimeoutError):
        linked.agree(timeout=8)
    assert any(line.startswith("I6") for line in linked.violations())


def test_9_a_townships_broker_killed_under_load_loses_nothing(make_linked: MakeLinked, own_broker: Broker) -> None:
    linked = make_linked()
    linked.start()
    linked.hand_down(4)
    linked.rest()
    own_broker.wait_for_queue(f"{MATIAN}.routing", linked.towns[MATIAN].vhost)
    linked.work(MATIAN)
    own_broker.kill()
    linked.hand_down(4)
    own_broker.start()
    linked.rest()
    assert linked.work(MATIAN) == 2
    linked.work(BOLIN)
    linked.agree()
    assert linked.violations() == []


def replayed(linked: Linked, broken: str = "quick") -> tuple[list[int], list[int]]:
    """Everything that a township ever told is sent again. Gives the effects of all that in the county, before and after."""
    linked.start(broken=broken)
    worked(linked, 8)
    linked.agree()
    town = linked.towns[BOLIN]
    told = [row[0] for row in town.query("SELECT event_id FROM routing.event_log WHERE stream NOT LIKE '%% local %%'")]
    before = effects(linked, told)
    with town.unit_of_work("routing") as uow:
        assert sync.send_again(uow, COUNTY, everything=True)
    linked.until(lambda: town.query("SELECT count(*) FROM platform.resend") == [(0,)], "the year to be sent again")
    # What is told now comes behind all that.
    linked.hand_down(1, [BOLIN])
    linked.until(lambda: linked.work(BOLIN) == 1, "the next assignment")
    arrived = "SELECT count(*) FROM {}.inbox WHERE stream = %s AND NOT event_id = ANY(%s)"
    stream = f"/{BOLIN}/routing {COUNTY}"
    for service in ("routing", "reporting"):
        linked.until(partial(behind, linked, arrived.format(service), stream, told), "what came behind it")
    return before, effects(linked, told)


def behind(linked: Linked, arrived: str, *params: object) -> bool:
    return linked.county.query(arrived, *params) == [(2,)]


def effects(linked: Linked, events: list[object]) -> list[int]:
    """How often these events took effect in each service of the county."""
    counts = [f"SELECT count(*) FROM {service}.observed WHERE event_id = ANY(%s)" for service in linked.county.services]
    return [linked.county.query(count, events)[0][0] for count in counts]


def test_31_a_township_that_replays_its_whole_year_changes_nothing(make_linked: MakeLinked) -> None:
    linked = make_linked()
    before, after = replayed(linked)
    assert after == before
    linked.agree()
    assert linked.violations() == []
    assert linked.county.query("SELECT count(*) FROM platform.difference") == [(0,)]


def test_31_twin_a_county_that_does_not_look_into_its_inbox_does_everything_again(make_linked: MakeLinked) -> None:
    linked = make_linked()
    before, after = replayed(linked, "quick,no_inbox")
    assert after != before
    assert any("I4" in line for line in linked.violations())
