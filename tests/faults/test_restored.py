"""Fault 30: a county that was restored from an older backup catches up from its townships."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from deploy.dev.instance import Instance
from services.routing.domain.agreement import Verdict
from services.routing.handlers import sync
from services.routing.recovery import recover
from shared.bus.agreement import link_hash
from shared.contract import seal_suffix
from shared.errors import Conflict, Unavailable
from tests.faults.linked import BOLIN, COUNTY, MATIAN, Linked
from tests.faults.test_links import TOWNS, worked

MakeLinked = Callable[..., Linked]


@dataclass
class Lived:
    """What happened after the backup, and who knows of it."""

    answered: list[str]
    open: list[str]


def lived_on(linked: Linked) -> tuple[str, Lived]:
    """A county that was backed up and then went on: some cases were answered and concluded, some have just been handed down."""
    linked.start()
    worked(linked, 4)
    registered = linked.register(2)
    linked.agree()
    backup, ledger = linked.back_up(), copy.deepcopy(linked.driver.ledger)
    answered = linked.hand_down(4)
    linked.rest()
    assert sum(map(linked.work, TOWNS)) == 4
    linked.rest()
    assert linked.conclude() == 4
    handed = linked.hand(registered)
    linked.agree()
    linked.driver.ledger = ledger  # a petition that the backup does not hold is nobody else's to give back
    return backup, Lived(answered, handed)


def test_30_a_restored_county_gets_its_own_later_events_back_and_then_what_its_townships_told(make_linked: MakeLinked) -> None:
    linked = make_linked()
    backup, since = lived_on(linked)
    linked.restore(backup)
    before = heads(linked)
    assert recover(linked.county.settings) == 10  # six assignments, four approvals
    assert all(after >= before[stream] for stream, after in heads(linked).items())
    linked.start(COUNTY)
    linked.agree()
    assert linked.violations() == []
    assert stages(linked, since.answered) == {"approved": 4}
    assert stages(linked, since.open) == {"issued": 2}
    assert linked.county.query("SELECT epoch FROM platform.instance") == [(2,)]
    with linked.towns[BOLIN].unit_of_work("routing") as uow:
        [county] = sync.neighbours(uow)
    assert county.known is not None
    assert (county.verdict, county.known["epoch"]) == (Verdict.AGREES, 2)
    worked_on(linked, since.open)


def worked_on(linked: Linked, handed: list[str]) -> None:
    """The cases that were open go on to their end, and new ones too."""
    linked.hand_down(2)
    linked.rest()
    assert sum(map(linked.work, TOWNS)) == 2 + len(handed)
    linked.rest()
    assert linked.conclude() >= 2 + len(handed)
    linked.agree()
    assert linked.violations() == []


def heads(linked: Linked) -> dict[str, int]:
    return dict(linked.county.query("SELECT stream, sequence FROM routing.stream_head"))


def stages(linked: Linked, cases: list[str]) -> dict[str, int]:
    """The stages of these cases' assignments in the county, counted."""
    rows = linked.county.query("SELECT stage, count(*) FROM routing.assignment WHERE case_id = ANY(%s::uuid[]) GROUP BY 1", cases)
    return dict(rows)


def test_30_nothing_is_imported_while_a_process_runs_or_a_township_does_not_answer(make_linked: MakeLinked) -> None:
    linked = make_linked(services=("intake", "routing"))
    linked.start()
    worked(linked, 2)
    linked.agree()
    backup = linked.back_up()
    linked.hand_down(2)
    linked.agree()
    with pytest.raises(Conflict):
        recover(linked.county.settings)
    linked.restore(backup)
    linked.wires[MATIAN].cut()
    before = heads(linked)
    with pytest.raises(Unavailable, match=MATIAN):
        recover(linked.county.settings, timeout=5)
    assert heads(linked) == before
    assert recover(linked.county.settings, without=[MATIAN], timeout=20) == 1


def test_30_twin_a_county_that_goes_on_from_its_backup_tells_other_things_under_the_same_numbers(make_linked: MakeLinked) -> None:
    linked = make_linked()
    backup, since = lived_on(linked)
    linked.restore(backup)
    linked.start(COUNTY)
    again = linked.hand_down(4)
    with pytest.raises(TimeoutError):
        linked.agree(timeout=10)
    assert any(line.startswith("I6") for line in linked.violations())
    linked.until(
        lambda: {above(linked, town).verdict for town in TOWNS} == {Verdict.DIFFERS}, "the townships to see that it differs"
    )
    for town in TOWNS:
        with linked.towns[town].unit_of_work("routing") as uow:
            assert sync.heal(uow) == [f"/{COUNTY}/routing {town}"]
    linked.until(lambda: all(healed(linked, town) for town in TOWNS), "the townships to agree again")
    named = {row[0] for town in TOWNS for row in linked.towns[town].query("SELECT subject FROM platform.difference")}
    assert named == {*since.answered, *since.open}, "what the county lost is named case by case"
    known = {row[0] for town in TOWNS for row in linked.towns[town].query("SELECT case_id::text FROM routing.assignment")}
    assert known >= {*again, *named}, "and what it tells now has its effect"


def above(linked: Linked, town: str) -> sync.Neighbour:
    """The county as a township sees it."""
    with linked.towns[town].unit_of_work("routing") as uow:
        [county] = sync.neighbours(uow)
    return county


def healed(linked: Linked, town: str) -> bool:
    return all(flow.verdict is Verdict.AGREES for flow in above(linked, town).flows if flow.way == "in")


def test_30_a_restored_township_gets_its_receipts_and_replies_back_from_its_county(make_linked: MakeLinked) -> None:
    linked = make_linked()
    linked.start()
    worked(linked, 2)
    linked.agree()
    backup = linked.back_up(BOLIN)
    since = linked.hand_down(2, [BOLIN])
    linked.rest()
    assert linked.work(BOLIN) == 2
    linked.agree()
    linked.restore(backup, BOLIN)
    assert recover(linked.towns[BOLIN].settings) == 4  # two receipts, two replies
    linked.start(BOLIN)
    linked.agree()
    assert linked.violations() == []
    own = linked.towns[BOLIN].query("SELECT stage FROM routing.assignment WHERE case_id = ANY(%s::uuid[])", since)
    assert own == [("replied",), ("replied",)]
    assert linked.conclude() == 2
    worked(linked, 2)
    linked.agree()


def test_36_a_township_that_rewrote_its_history_is_found_out_by_its_county_and_named_by_case(make_linked: MakeLinked) -> None:
    linked = make_linked()
    linked.start()
    worked(linked, 4)
    linked.agree()
    [case] = rewritten(linked.towns[BOLIN])
    linked.processes[BOLIN].stop()
    linked.start(BOLIN)  # it states its heads when it begins, and every day
    linked.until(lambda: verdict(linked, BOLIN) is Verdict.DIFFERS, "the county to find the digests differ")
    assert verdict(linked, MATIAN) is Verdict.AGREES
    with linked.county.unit_of_work("routing") as uow:
        assert sync.heal(uow, BOLIN) == [f"/{BOLIN}/routing {COUNTY}"]
    linked.until(lambda: verdict(linked, BOLIN) is Verdict.AGREES, "the digests to agree again")
    found = linked.county.query("SELECT subject, what, convert_from(body, 'UTF8') LIKE '%%已办理。%%' FROM platform.difference")
    assert found == [(case, "altered", True)], "and what was told first is kept"


def rewritten(town: Instance) -> list[str]:
    """The township's owner edits what its first reply answered, and works the chain out anew. Gives the reply's case."""
    town.query("ALTER TABLE routing.event_log DISABLE TRIGGER keep_history")
    changed = town.query(
        "UPDATE routing.event_log SET draft = convert_to(replace(convert_from(draft, 'UTF8'), '已办理。', '不办理。'), 'UTF8')"
        " WHERE id = (SELECT min(id) FROM routing.event_log WHERE name = 'assignment.replied') RETURNING subject"
    )
    chain, stream = b"", f"/{BOLIN}/routing {COUNTY}"
    rows = "SELECT id, sequence, draft FROM routing.event_log WHERE stream = %s ORDER BY sequence"
    for row_id, sequence, draft in town.query(rows, stream):
        chain = link_hash(chain, bytes(draft) + seal_suffix(sequence))
        town.query("UPDATE routing.event_log SET chain = %s WHERE id = %s", chain, row_id)
    town.query("UPDATE routing.stream_head SET chain = %s WHERE stream = %s", chain, stream)
    town.query("ALTER TABLE routing.event_log ENABLE TRIGGER keep_history")
    return [subject for (subject,) in changed]


def verdict(linked: Linked, town: str) -> Verdict:
    with linked.county.unit_of_work("routing") as uow:
        return next(one.verdict for one in sync.neighbours(uow) if one.org == town)
