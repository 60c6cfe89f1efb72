"""What was split is one petitioner's one letter: one secret code, and whoever is barred from one of it is barred from all."""

from __future__ import annotations

import threading
from uuid import UUID, uuid4

import psycopg2
import pytest

from services.intake.domain.barring import LiftReason
from services.intake.domain.linking import Part
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers import casework, heard, splitting
from services.intake.store import SQL, bars
from shared.errors import Refused
from tests.integration.intake.intake_bus import HEAD, event_of
from tests.integration.intake.intake_cases import AT, PETITION, post, receipt_of
from tests.integration.intake.intake_links import case_of, told_of, undone

LATE, THIRD = "o-431023101-head", "o-431023102-head"
TEXT = "井水发黑，请书记过问。另外，我母亲的低保没有批。村里的路也坏了。"


@pytest.fixture
def known(browse, intake, hear) -> dict[str, str]:
    """Number and code of a petition that anybody submitted; the officials who may be complained of are known."""
    for official in (HEAD.official, LATE, THIRD):
        hear("directory.official_recorded", uuid4(), {"official": official, "name": official, "active": True, "posts": []})
    number, code = receipt_of(post(browse(), "/submit", PETITION | {"text": TEXT, "key": str(uuid4())}).text)
    return {"number": number, "code": code}


@pytest.fixture
def family(intake, vault, clerk, known) -> list[UUID]:
    """The whole, a part of it, and a part of that."""
    with intake.unit_of_work() as uow:
        whole = uow.one("SELECT id FROM petition")["id"]
    made = [whole]
    for sentences in ((1, 2), (1,)):
        with intake.unit_of_work() as uow:
            part = Part(title="另一件", sentences=sentences)
            _, [link] = splitting.split(uow, vault, made[-1], clerk, key=uuid4(), parts=[part])
        made.append(link.case_id)
    return made


# -- the code ----------------------------------------------------------------------------------------------------------
def replace(browse, case_id: UUID, key: UUID):
    clerk = browse("clerk")
    post(clerk, f"/intake/petitions/{case_id}/identity", {"purpose": "lost_code"})
    return post(clerk, f"/intake/petitions/{case_id}/code", {"key": str(key), "checked": "true"})


def opened_by(browse, intake, family: list[UUID], code: str) -> list[int]:
    return [post(browse(), "/track", {"number": case_of(intake, case_id).number, "code": code}).status_code for case_id in family]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_new_code_opens_all_of_it_and_the_old_one_nothing(browse, intake, family, known, place):
    assert opened_by(browse, intake, family, known["code"]) == [200] * 3
    key = uuid4()
    assert "一并更换" in browse("clerk").get(f"/intake/petitions/{family[place]}/code").text
    slips = [receipt_of(replace(browse, family[place], key).text) for _ in range(2)]
    assert slips[0] == slips[1]
    number, code = slips[0]
    assert number == case_of(intake, family[place]).number
    assert opened_by(browse, intake, family, code) == [200] * 3
    assert opened_by(browse, intake, family, known["code"]) == [422] * 3
    with intake.unit_of_work() as uow:
        looked = uow.all("SELECT case_id FROM look WHERE purpose = 'code_replaced' ORDER BY case_id")
        assert [row["case_id"] for row in looked] == sorted(family)
        assert uow.all("SELECT case_id FROM message WHERE template = 'code_replaced'") == [{"case_id": family[place]}]


def test_replacing_the_code_of_one_alone_is_noticed(browse, intake, family, known, monkeypatch):
    monkeypatch.setattr("services.intake.handlers.codes.split_family", lambda uow, cases: set(cases))
    replace(browse, family[0], uuid4())
    assert opened_by(browse, intake, family, known["code"]) == [422, 200, 200]


def test_the_old_code_does_not_open_what_is_left_of_an_erased_part_either(browse, intake, family, known, settings):
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE intake.sealed SET data_key = '', identity = '' WHERE case_id = %s", (str(family[1]),))
    _, code = receipt_of(replace(browse, family[0], uuid4()).text)
    assert opened_by(browse, intake, family, known["code"]) == [422] * 3
    assert opened_by(browse, intake, family, code) == [200] * 3


def test_whoever_is_barred_from_a_part_alone_gets_no_code_that_would_open_it(browse, intake, family, known, settings):
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:  # lifted in the others by the office
        cursor.execute("INSERT INTO intake.bar VALUES (%s, '431023-xf', now(), true)", (str(family[2]),))
    assert replace(browse, family[0], uuid4()).status_code == 404
    assert opened_by(browse, intake, family, known["code"]) == [200] * 3


# -- bars --------------------------------------------------------------------------------------------------------------
def barred(intake, family: list[UUID]) -> list[set[str]]:
    with intake.unit_of_work() as uow:
        return [set(bars(uow, case_id)) for case_id in family]


def name(intake, clerk, case_id: UUID, *officials: str) -> None:
    with intake.unit_of_work() as uow:
        casework.set_conflict(uow, case_id, clerk, organisations=[], officials=officials)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_who_is_named_later_in_one_of_it_is_barred_from_all_and_routing_is_told_of_each_once(intake, clerk, family, told, place):
    for _ in range(2):
        name(intake, clerk, family[place], HEAD.official)
    assert barred(intake, family) == [{HEAD.official}] * 3
    data = [data for _, data in told_of(told, "case.conflict_set")]
    assert [(each["officials"], each["organisations"], each["by"]["official"]) for each in data] == [
        ([HEAD.official], [], clerk.person.official)
    ] * 3


def test_a_name_that_stays_with_one_is_noticed(intake, clerk, family, monkeypatch):
    monkeypatch.setattr(casework, "bar_family", lambda *_, **__: None)
    name(intake, clerk, family[0], HEAD.official)
    assert barred(intake, family) == [{HEAD.official}, set(), set()]


def test_a_split_that_was_undone_still_is_one_letter(intake, vault, clerk, family):
    with intake.unit_of_work() as uow:
        [link] = uow.all("SELECT id FROM link WHERE case_id = %(id)s", id=family[1])
    undone(intake, vault, clerk, link["id"])
    name(intake, clerk, family[2], HEAD.official)
    assert barred(intake, family) == [{HEAD.official}] * 3


def a_bar(*officials: str, organisations: tuple[str, ...] = ()) -> dict[str, object]:
    return {"organisations": list(organisations), "officials": list(officials), "barred_at": AT}


def apart(told) -> list[tuple[list[str], list[str]]]:
    """What routing was told of recusals from other parts."""
    return [(data["organisations"], data["officials"]) for _, data in told_of(told, "case.recused_by_family")]


def lift(intake, clerk, case_id: UUID, *codes: str) -> None:
    office = Viewer(person=clerk.person, roles=frozenset({"office"}), of_instance=True, codes=frozenset({"o-x"}))
    with intake.unit_of_work() as uow:
        casework.lift_conflict(uow, case_id, office, codes=codes, reason=LiftReason.NOT_MEANT, authority="领导小组")


def complained_of(intake, family: list[UUID]) -> list[tuple[list[str], bool]]:
    """Whom each petition's page lists, and whether it says that somebody was named."""
    with intake.unit_of_work() as uow:
        rows = [uow.all(SQL["bars_of_case"], case_id=case_id) for case_id in family]
    named = [[row["code"] for row in found if row["named"]] for found in rows]
    return [(codes, case_of(intake, case_id).conflict_set_at is not None) for codes, case_id in zip(named, family, strict=True)]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_who_recuses_himself_later_is_barred_from_all_accused_in_none_and_routings_echo_tells_nothing_more(
    browse, intake, family, hear, told, place
):
    hear("case.barred", family[place], a_bar(LATE))
    assert barred(intake, family) == [{LATE}] * 3
    assert complained_of(intake, family) == [([], False)] * 3
    assert all(LATE not in browse("clerk").get(f"/intake/petitions/{case_id}").text for case_id in family)
    assert told_of(told, "case.conflict_set") == []
    assert apart(told) == [([], [LATE])] * 2  # not of the one that routing told of
    for case_id in family:
        hear("case.barred", case_id, a_bar(LATE))
    assert len(apart(told)) == 2


def test_the_twin_that_names_whoever_recused_himself_is_caught(browse, intake, clerk, family, hear, told, monkeypatch):
    def named(uow, case_id: UUID, *, begun, ended) -> None:
        casework.bar_family(uow, case_id, sorted(begun), by=clerk.person)

    monkeypatch.setattr(heard, "recuse_family", named)
    with pytest.raises(AssertionError, match=LATE):
        test_who_recuses_himself_later_is_barred_from_all_accused_in_none_and_routings_echo_tells_nothing_more(
            browse, intake, family, hear, told, 0
        )


def test_a_recusal_from_one_part_is_lifted_in_no_other_and_ends_everywhere_with_itself(intake, clerk, family, hear, told):
    hear("case.barred", family[0], a_bar(LATE))
    for case_id in family:
        hear("case.barred", case_id, a_bar(LATE))
    for case_id in family:
        with pytest.raises(Refused):
            lift(intake, clerk, case_id, LATE)
    hear("case.barred", family[0], a_bar())
    assert apart(told) == [([], [LATE])] * 2 + [([], [])] * 2
    assert barred(intake, family) == [set(), {LATE}, {LATE}]  # until routing lets him go there, too
    for case_id in family[1:]:
        hear("case.barred", case_id, a_bar())
    assert barred(intake, family) == [set()] * 3
    assert len(apart(told)) == 4


def test_an_echo_that_comes_after_the_end_is_no_recusal_from_that_part(intake, family, hear, told):
    for officials in ([LATE], []):
        hear("case.barred", family[0], a_bar(*officials))
    for officials in ([LATE], []):
        for case_id in family[1:]:
            hear("case.barred", case_id, a_bar(*officials))
    assert len(apart(told)) == 4
    assert barred(intake, family) == [set()] * 3


def test_a_name_that_is_lifted_in_a_part_leaves_the_recusal_from_another_one(intake, clerk, family, hear):
    hear("case.barred", family[0], a_bar(LATE))
    name(intake, clerk, family[1], LATE)
    assert complained_of(intake, family) == [([LATE], True)] * 3
    lift(intake, clerk, family[2], LATE)
    assert complained_of(intake, family) == [([LATE], True), ([LATE], True), ([], True)]
    assert barred(intake, family) == [{LATE}] * 3


def test_two_words_of_routing_in_one_batch_are_both_told_on(intake, family, told):
    words = [event_of("case.barred", str(family[0]), a_bar(*officials)) for officials in ([LATE], [LATE, THIRD])]
    with intake.unit_of_work() as uow:
        heard.preload(words, uow)
        for word in words:
            heard.bar(word, uow)
    assert barred(intake, family) == [{LATE, THIRD}] * 3
    assert apart(told) == [([], [LATE])] * 2 + [([], sorted([LATE, THIRD]))] * 2


def test_what_routing_bars_because_of_a_name_is_no_recusal(intake, clerk, family, hear, told):
    for code, superior in (
        ("431023", "4310"), ("431023-gov", "431023"), ("431023-epb", "431023-gov"), ("431023-psb", "431023"),
        ("431023104", "431023"), ("431023104-env", "431023104"),
    ):  # fmt: skip
        unit = {"code": code, "name": code, "name_en": code, "superior": superior, "has_instance": code == "431023104"}
        hear("directory.organisation_recorded", uuid4(), unit)
    post = {"organisation": "431023104-env", "title": "站长", "roles": []}
    hear("directory.official_recorded", uuid4(), {"official": LATE, "name": LATE, "active": True, "posts": [post]})
    with intake.unit_of_work() as uow:
        casework.set_conflict(uow, family[0], clerk, organisations=["431023-gov", "431023"], officials=[LATE])
    follow = ("431023", "431023-epb", "431023-gov", "431023104", "431023104-env")
    hear("case.barred", family[0], a_bar(LATE, organisations=follow))
    assert apart(told) == []
    hear("case.barred", family[0], a_bar(LATE, organisations=(*follow, "431023-psb")))
    assert apart(told) == [(["431023-psb"], [])] * 2


def test_a_part_takes_over_names_as_names_and_recusals_as_recusals(intake, vault, clerk, family, hear, told):
    name(intake, clerk, family[2], HEAD.official)
    hear("case.barred", family[0], a_bar(HEAD.official, LATE))
    hear("case.barred", family[2], a_bar(HEAD.official, LATE, THIRD))
    before = len(told_of(told, "case.conflict_set")), len(apart(told))
    with intake.unit_of_work() as uow:
        _, [link] = splitting.split(uow, vault, family[0], clerk, key=uuid4(), parts=[Part(title="路", sentences=(2,))])
    assert barred(intake, [link.case_id]) == [{HEAD.official, LATE, THIRD}]
    assert complained_of(intake, [link.case_id]) == [([HEAD.official], True)]
    assert [data["officials"] for _, data in told_of(told, "case.conflict_set")[before[0] :]] == [[HEAD.official]]
    assert apart(told)[before[1] :] == [([], sorted([LATE, THIRD]))]


def test_a_part_of_what_somebody_is_only_recused_from_accuses_nobody(intake, vault, clerk, family, hear, told):
    hear("case.barred", family[0], a_bar(LATE))
    with intake.unit_of_work() as uow:
        _, [link] = splitting.split(uow, vault, family[0], clerk, key=uuid4(), parts=[Part(title="路", sentences=(2,))])
    assert barred(intake, [link.case_id]) == [{LATE}]
    assert complained_of(intake, [link.case_id]) == [([], False)]
    assert told_of(told, "case.conflict_set") == []


def test_what_the_office_lifted_from_a_part_is_not_put_back_by_the_next_name(intake, clerk, family, hear):
    name(intake, clerk, family[0], HEAD.official)
    for case_id in family:
        hear("case.barred", case_id, a_bar(HEAD.official))
    lift(intake, clerk, family[1], HEAD.official)
    hear("case.barred", family[1], a_bar())
    name(intake, clerk, family[0], LATE)
    hear("case.barred", family[0], a_bar(HEAD.official, LATE, THIRD))
    both = {HEAD.official, LATE, THIRD}
    assert barred(intake, family) == [both, {LATE, THIRD}, both]


def test_whoever_is_named_sees_none_of_it_any_more(intake, clerk, family):
    name(intake, clerk, family[1], HEAD.official)
    accused = type(clerk)(person=HEAD, roles=clerk.roles, of_instance=True, codes=frozenset({HEAD.official}))
    for case_id in family:
        with pytest.raises(Hidden), intake.unit_of_work() as uow:
            casework.lock(uow, case_id, accused)


def test_two_clerks_who_name_at_both_ends_at_once_wait_for_each_other_and_not_for_ever(intake, clerk, family):
    gate = threading.Barrier(2)

    def work(case_id: UUID, official: str) -> None:
        gate.wait()
        name(intake, clerk, case_id, official)

    threads = [threading.Thread(target=work, args=pair) for pair in ((family[0], LATE), (family[2], THIRD))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert barred(intake, family) == [{LATE, THIRD}] * 3
