"""What is refused: to the barred, to strangers on the bus, out of order, twice."""

from __future__ import annotations

import logging
from uuid import UUID, uuid4

import psycopg2
import pytest

from services.routing import handlers
from services.routing.domain import Barred
from services.routing.handlers import HEARS
from services.routing.handlers.directory import BadDirectory, import_directory
from shared.contract import heard_by
from shared.contract.envelope import instant
from shared.errors import Conflict, Forbidden, NotFound, NotYet, Refused
from tests.integration.routing.world import (
    CDI,
    EPB,
    MATIAN,
    OFFICE,
    REPLY,
    SECRETARY,
    TOWN,
    VICE,
    Instance,
    beijing,
    conflict,
    event,
    registered,
)

AT = beijing("2016-11-07 09:30")


@pytest.fixture
def case_id(county: Instance) -> UUID:
    """A case that waits for its first instruction."""
    made = uuid4()
    county.hear(registered(made, AT))
    return made


def instruct(county: Instance, case_id: UUID, *addressees: str, **more):
    with county.work() as uow:
        return handlers.instruct(
            uow, case_id, SECRETARY, "请办理。", [(one, "handling") for one in addressees], "ordinary", **more
        )


def test_routing_hears_what_the_contract_says_and_nothing_else():
    assert set(HEARS) == {contract.name for contract in heard_by("routing")}


# -- the guard ------------------------------------------------------------------------------------------------------
def test_a_bar_that_comes_before_the_case_holds_when_the_case_comes(county):
    made = uuid4()
    county.hear(conflict(made, AT, officials=[EPB]))
    county.hear(registered(made, AT))
    with pytest.raises(Refused) as refusal:
        instruct(county, made, EPB)
    assert refusal.value.field == "addressees"


@pytest.mark.parametrize("part", ["handling", "lead", "joint"])
def test_a_barred_official_takes_no_part_whatever_it_is_called(county, case_id, part):
    county.hear(conflict(case_id, AT, organisations=["431023-gov"]))
    addressees = [(VICE, part)] if part != "joint" else [(CDI, "lead"), (EPB, "joint")]
    with pytest.raises(Refused), county.work() as uow:
        handlers.instruct(uow, case_id, SECRETARY, "请办理。", addressees, "ordinary")
    assert county.assignments(case_id) == []


def test_a_conflict_found_out_after_the_assignment_takes_it_back_and_shuts_the_township(county, township, case_id):
    instruct(county, case_id, TOWN, EPB)
    county.carry_to(township)
    township.at("2016-11-08 09:00")
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
    county.hear(conflict(case_id, AT, organisations=["431023104"]))
    withdrawn = county.told("assignment.withdrawn")
    assert [(told.data["reason"], told.data["responsible"]["official"]) for told in withdrawn] == [("conflict", TOWN)]
    assert county.told("case.barred")[0].data["organisations"] == ["431023104"]
    assert {row["official"]: row["stage"] for row in county.assignments(case_id)} == {TOWN: "withdrawn", EPB: "issued"}
    township.carry_to(county)  # the receipt crossed the withdrawal
    county.carry_to(township)
    for official in (TOWN, "o-431023104-clerk", "o-431023104-officer-env"):
        with pytest.raises(NotFound), township.work() as uow:
            handlers.reply(uow, assignment, official, **REPLY)
    assert township.query("SELECT official FROM reading") == [{"official": TOWN}]  # what was read stays known


def test_a_barred_official_is_told_that_there_is_no_such_case_and_the_try_is_logged(county, case_id, caplog):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    county.hear(conflict(case_id, AT, officials=[EPB]))
    with caplog.at_level(logging.WARNING), pytest.raises(Barred), county.work() as uow:
        handlers.receive(uow, assignment, EPB)
    assert EPB in caplog.text
    assert "谭建国" not in caplog.text


@pytest.mark.parametrize("named", [{"officials": [SECRETARY]}, {"organisations": ["431023"]}])
def test_a_case_against_the_own_head_or_organisation_is_instructed_by_nobody_here(county, case_id, named):
    county.hear(conflict(case_id, AT, **named))
    with pytest.raises((Forbidden, NotFound)):
        instruct(county, case_id, EPB)
    with pytest.raises((Forbidden, NotFound)), county.work() as uow:
        handlers.review(uow, case_id, SECRETARY)


def test_everybody_may_recuse_himself_and_only_the_office_recuses_others(county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.bar(uow, case_id, EPB, officials=[MATIAN])
    with county.work() as uow:
        handlers.bar(uow, case_id, EPB, officials=[EPB])
    with county.work() as uow:
        handlers.bar(uow, case_id, OFFICE, officials=[MATIAN])
    assert {row["stage"] for row in county.assignments(case_id)} == {"withdrawn"}
    with pytest.raises(Refused), county.work() as uow:
        handlers.bar(uow, case_id, OFFICE, officials=["o-nobody"])


# -- who may do what ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("official", [OFFICE, EPB, TOWN, "o-nobody"])
def test_only_the_first_in_command_instructs(county, case_id, official):
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.instruct(uow, case_id, official, "请办理。", [(EPB, "handling")], "ordinary")


def test_only_the_office_and_the_first_in_command_decide_conclude_and_record(county, case_id):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    for act in (
        lambda uow: handlers.approve(uow, said.id, MATIAN),
        lambda uow: handlers.return_reply(uow, said.id, EPB, "重办"),
        lambda uow: handlers.withdraw(uow, assignment, VICE),
        lambda uow: handlers.conclude(uow, case_id, EPB, outcome="supported", summary="", answer="已办"),
        lambda uow: handlers.record_accountability(
            uow, case_id, CDI, kind="decision", person="甲", organisation="431023-epb", measure="警告",
            decided_by="常委会", decided_on=AT.date(),
        ),
    ):  # fmt: skip
        with pytest.raises(Forbidden), county.work() as uow:
            act(uow)


def test_a_case_is_not_concluded_while_a_reply_is_owed(county, case_id):
    instruct(county, case_id, EPB)
    with pytest.raises(Conflict), county.work() as uow:
        handlers.conclude(uow, case_id, OFFICE, outcome="supported", summary="", answer="已办")
    assert county.told("case.concluded") == []


def test_a_township_cannot_instruct_conclude_or_decide_on_what_came_from_above(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
        said = handlers.reply(uow, assignment, TOWN, **REPLY)
    for act in (
        lambda uow: handlers.instruct(uow, case_id, TOWN, "转办", [("o-431023104-clerk", "handling")], "ordinary"),
        lambda uow: handlers.conclude(uow, case_id, TOWN, outcome="supported", summary="", answer="已办"),
        lambda uow: handlers.approve(uow, said.id, "o-431023104-clerk"),
        lambda uow: handlers.withdraw(uow, assignment, "o-431023104-clerk"),
    ):
        with pytest.raises(Refused), township.work() as uow:
            act(uow)


def test_the_work_of_a_township_is_not_done_in_the_countys_system(county, case_id):
    instruct(county, case_id, TOWN)
    with pytest.raises(Conflict), county.work() as uow:
        handlers.receive(uow, county.assignment(case_id, TOWN), TOWN)


# -- the same twice -------------------------------------------------------------------------------------------------
def test_the_same_form_twice_takes_effect_once(county, case_id):
    once, note, answer = uuid4(), uuid4(), uuid4()
    for _ in range(2):
        instruct(county, case_id, EPB, instruction_id=once)
    assignment = county.assignment(case_id, EPB)
    for _ in range(2):
        with county.work() as uow:
            handlers.receive(uow, assignment, EPB)
        with county.work() as uow:
            handlers.progress(uow, assignment, EPB, "已到现场", note_id=note)
    for _ in range(2):
        with county.work() as uow:
            handlers.reply(uow, assignment, EPB, **REPLY, reply_id=answer)
    counts = {name: len(county.told(name)) for name in ("case.instructed", "assignment.received",
              "assignment.progressed", "assignment.replied")}  # fmt: skip
    assert set(counts.values()) == {1}, counts


def test_an_addressee_of_the_next_round_owes_one_reply_not_two(county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    instruct(county, case_id, EPB)
    stages = [(row["official"], row["round"], row["stage"]) for row in county.assignments(case_id)]
    assert sorted(stages) == [(EPB, 1, "withdrawn"), (EPB, 2, "issued"), (MATIAN, 1, "issued")]
    assert county.told("assignment.withdrawn")[0].data["reason"] == "replaced"


# -- records --------------------------------------------------------------------------------------------------------
def test_records_are_neither_edited_nor_deleted(county, case_id):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
        handlers.progress(uow, assignment, EPB, "已到现场")
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
        handlers.record_accountability(
            uow, case_id, OFFICE, kind="proposal", person="甲", organisation="431023-epb", measure="警告",
            decided_by="县纪委", decided_on=AT.date(),
        )  # fmt: skip
    for table in ("instruction", "reply", "verdict", "note", "accountability"):
        for statement in ("UPDATE {} SET case_id = gen_random_uuid()", "DELETE FROM {}"):
            with pytest.raises(psycopg2.errors.RaiseException, match="never edited"), county.work() as uow:
                uow.all(statement.format(table))


@pytest.mark.parametrize(("table", "stage"), [("case_record", "archived"), ("assignment", "approved")])
def test_the_database_refuses_a_move_that_the_table_does_not_have(county, case_id, table, stage):
    instruct(county, case_id, EPB)
    with pytest.raises(psycopg2.errors.RaiseException, match="does not go from"), county.work() as uow:
        uow.all(f"UPDATE {table} SET stage = '{stage}'")


# -- strangers on the bus -------------------------------------------------------------------------------------------
def from_township(county: Instance, name: str, assignment: UUID, case_id: UUID, source="/431023104/routing", **data):
    by = {"official": TOWN, "name": "雷卫华", "post": "柏林镇党委书记", "organisation": "431023104"}
    told = {"assignment_id": str(assignment), "by": by, "received_at": instant(AT)} | data
    return event(name, case_id, told, source=source, at=AT, key="431023")


@pytest.mark.parametrize("source", ["/431023101/routing", "/431024/routing"])
def test_a_neighbour_cannot_speak_for_a_township(county, case_id, source):
    instruct(county, case_id, TOWN)
    assignment = county.assignment(case_id, TOWN)
    with pytest.raises(Refused):
        county.hear(from_township(county, "assignment.received", assignment, case_id, source=source))
    county.hear(from_township(county, "assignment.received", assignment, case_id))
    assert county.assignments(case_id)[0]["stage"] == "received"


def test_a_township_cannot_speak_of_work_that_is_done_in_the_county_or_for_another_person(county, case_id):
    instruct(county, case_id, EPB, TOWN)
    with pytest.raises(Refused):
        county.hear(from_township(county, "assignment.received", county.assignment(case_id, EPB), case_id))
    other = {"official": "o-431023104-clerk", "name": "吴梅", "post": "主任", "organisation": "431023104-office"}
    with pytest.raises(Forbidden):
        county.hear(from_township(county, "assignment.received", county.assignment(case_id, TOWN), case_id, by=other))


@pytest.mark.parametrize(
    "forge",
    [
        lambda data: data | {"findings": "改动过"},
        lambda data: data | {"signature": data["signature"] | {"name": "别人"}},
        lambda data: data | {"signature": data["signature"] | {"hash": "0" * 64}},
        lambda data: data | {"signature": data["signature"] | {"alg": "md5"}},
        lambda data: data | {"round": 2},
    ],
    ids=["words", "name", "hash", "algorithm", "round"],
)
def test_a_reply_whose_signature_does_not_fit_is_refused(county, township, case_id, forge):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
    township.carry_to(county)
    with township.work() as uow:
        handlers.reply(uow, assignment, TOWN, **REPLY)
    genuine = township.told("assignment.replied")[0]
    forged = event("assignment.replied", case_id, forge(dict(genuine.data)), source=genuine.source, at=AT, key="431023")
    with pytest.raises(Refused):
        county.hear(forged)
    assert county.query("SELECT id FROM reply") == []
    county.hear(genuine)
    assert county.assignments(case_id)[0]["stage"] == "replied"


def test_a_township_takes_cases_from_its_superiors_only_and_for_its_own_people_only(county, township, case_id):
    instruct(county, case_id, TOWN)
    issued = county.told("assignment.issued")[0]
    for source, data in (
        ("/431023101/routing", issued.data),
        ("/431023/routing", issued.data | {"responsible": issued.data["responsible"] | {"organisation": "431023101"}}),
    ):
        with pytest.raises(Refused):
            township.hear(event("assignment.issued", case_id, dict(data), source=source, at=AT, key="431023104"))
    assert township.query("SELECT id FROM case_record") == []


def test_an_event_before_its_cause_waits(county, township, case_id):
    instruct(county, case_id, TOWN)
    for name, data in (
        ("assignment.received", {}),
        ("assignment.progressed", {"text": "x", "progressed_at": instant(AT)}),
    ):
        with pytest.raises(NotYet):
            county.hear(from_township(county, name, uuid4(), case_id, **data))
    withdrawn = {"assignment_id": str(uuid4()), "reason": "replaced", "by": None, "withdrawn_at": instant(AT),
                 "responsible": county.told("assignment.issued")[0].data["responsible"]}  # fmt: skip
    with pytest.raises(NotYet):
        township.hear(event("assignment.withdrawn", case_id, withdrawn, source="/431023/routing", at=AT))
    closed = {"reason": "withdrawn", "by": None, "closed_at": instant(AT)}
    with pytest.raises(NotYet):
        county.hear(event("case.closed", case_id, closed, source="/431023/followup", at=AT))
    with pytest.raises(NotYet):
        county.hear(event("case.closed", uuid4(), closed, source="/431023/followup", at=AT))


def test_a_petition_that_is_withdrawn_takes_every_assignment_back_and_can_then_be_closed(county, township, case_id):
    instruct(county, case_id, TOWN, EPB)
    county.carry_to(township)
    by_petitioner = event("case.withdrawn", case_id, {"withdrawn_at": instant(AT), "by": None}, source="/431023/intake", at=AT)
    county.hear(by_petitioner)
    county.hear(by_petitioner)
    assert {row["stage"] for row in county.assignments(case_id)} == {"withdrawn"}
    county.carry_to(township)
    assert township.assignments(case_id)[0]["withdrawn_reason"] == "petition_withdrawn"
    closed = {"reason": "withdrawn", "by": None, "closed_at": instant(AT)}
    county.hear(event("case.closed", case_id, closed, source="/431023/followup", at=AT))
    assert county.stage(case_id) == "closed"


def test_what_intake_and_supervision_tell_shows_in_the_queue(county, case_id):
    by = {"official": "o-1", "name": "李", "post": "登记员", "organisation": "431023-xf"}
    words = {"title": "新题目", "brief": "新摘要", "category": "water", "place": "431023104", "by": by, "at": instant(AT)}
    county.hear(
        event("case.supplemented", case_id, words, source="/431023/intake", at=AT),
        event("case.accepted", case_id, {"accepted_at": instant(AT), "by": by}, source="/431023/intake", at=AT),
    )
    due = {"deadline_id": str(uuid4()), "obligation": "conclude", "round": 1, "due_at": instant(beijing("2016-11-17 00:00")),
           "responsible": None, "policy": "yongxing", "rule": "ordinary", "set_at": instant(AT)}  # fmt: skip
    county.hear(event("deadline.set", case_id, due, source="/431023/supervision", at=AT))
    missed = due | {"fired_at": instant(AT), "late": False}
    county.hear(event("deadline.missed", case_id, missed, source="/431023/supervision", at=AT))
    assert county.query("SELECT title, accepted_at FROM case_record")[0] == {"title": "新题目", "accepted_at": AT}
    assert [row["standing"] for row in county.query("SELECT standing FROM deadline")] == ["missed"]


def test_dissatisfaction_that_is_told_twice_reopens_once(county, case_id):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
    with county.work() as uow:
        handlers.conclude(uow, case_id, SECRETARY, outcome="supported", summary="", answer="已办")
    told = {"round": 1, "at": instant(AT), "source": "petitioner"}
    for _ in range(2):
        county.hear(event("case.dissatisfied", case_id, told, source="/431023/followup", at=AT))
    assert len(county.told("case.reopened")) == 1
    assert county.stage(case_id) == "reopened"


# -- the directory --------------------------------------------------------------------------------------------------
GOOD = """
organisations:
  - {code: "431023", name: 永兴县, name_en: Yongxing County, has_instance: true}
  - {code: "431023-epb", name: 县环境保护局, name_en: Environmental Protection Bureau, superior: "431023"}
officials:
  - official: o-431023-new
    name: 新人
    posts: [{organisation: "431023-epb", title: 副局长, roles: [officer, unit_head]}]
"""


def test_an_import_tells_what_changed_and_a_second_one_tells_nothing(county):
    def told() -> list[str]:
        return [one.subject for one in county.told() if one.contract.name.startswith("directory.")]

    before = len(told())
    for expected in (2, 0):
        with county.work() as uow:
            assert import_directory(uow, GOOD).changed == expected
    assert sorted(told()[before:]) == ["431023-epb", "o-431023-new"]  # its superior changed; the county did not
    with county.work() as uow:
        import_directory(uow, GOOD.replace("副局长", "局长"))
    assert told()[before + 2 :] == ["o-431023-new"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('{code: "431023-epb",', '{code: "x y",', "organisations[1] x y code"),
        ("name: 新人", "nmae: 新人", "officials[0] o-431023-new nmae"),
        ("roles: [officer, unit_head]", "roles: [officer, king]", "officials[0] o-431023-new posts[0].roles[1]"),
        ('superior: "431023"}', 'superior: "999999"}', "organisations[1] 431023-epb superior"),
        ('superior: "431023"}', 'superior: "431023-epb"}', "循环"),
        ('organisation: "431023-epb", title', 'organisation: "431023-xyz", title', "officials[0] o-431023-new posts[0]"),
        ("roles: [officer, unit_head]", "roles: [first_in_command]", "unit_head"),
        ("officials:", "people:", "officials"),
        ("organisations:", "organisations: [", "YAML"),
    ],
)
def test_a_bad_directory_is_refused_with_the_entry_named_and_changes_nothing(county, old, new, says):
    assert old in GOOD
    with pytest.raises(BadDirectory) as refusal, county.work() as uow:
        import_directory(uow, GOOD.replace(old, new, 1))
    assert says in str(refusal.value)
    assert county.query("SELECT official FROM official WHERE official = 'o-431023-new'") == []


def test_an_entry_given_twice_is_refused(county):
    with pytest.raises(BadDirectory, match="重复"), county.work() as uow:
        import_directory(uow, GOOD + GOOD.split("officials:")[1])
