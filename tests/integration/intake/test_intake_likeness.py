"""What is suggested to a clerk, to whom it is not, and what of the words lies in the database."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg2
import pytest

from services.intake.domain.likeness import Guess, Reason
from services.intake.domain.retention import Retention
from services.intake.domain.submission import Channel, Identity, Petitioner
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.handlers import casework, likeness, looking
from services.intake.handlers.likeness import suggest, take_up, take_up_all_again, unlike
from services.intake.handlers.retention import erase_due
from services.intake.store import read
from services.intake.vault.crypto import Vault
from tests.integration.intake.intake_bus import CLERK, HEAD
from tests.integration.intake.intake_cases import AT, a_case, find, issued, post, receipt_of

WATER = "永兴造纸厂后半夜往十里洞的水渠里偷排黑水，村里的水井打上来发黄发臭，秧苗枯死，三十户人家要到山上挑水吃。"
AGAIN = "书记好。十里洞的水井到现在还是发黄发臭，三十户人家天天到山上挑水吃！永兴造纸厂照样后半夜偷排黑水。请派人来看看。"
WAGES = "我们七个人在碧塘公路工地干了半年，包工头电话关机，宏源建筑公司只发了生活费，过年回家的路费都是借的。"
SOMEBODY = Petitioner(name="陈十里", phone="13873512345")
OTHER = Petitioner(name="李梅", phone="13799990000")


def told(intake, vault, text: str, who: Petitioner = SOMEBODY, **changes) -> UUID:
    return a_case(intake, vault, **{"title": "请求过问", "text": text, "petitioner": who, "place": "431023104"} | changes)


def take_all_up(intake, vault) -> int:
    done = 0
    while True:
        with intake.unit_of_work() as uow:
            more = take_up(uow, vault)
        if not more:
            return done
        done += more


def suggested(intake, vault, case_id, viewer):
    with intake.unit_of_work() as uow:
        case, identifies = looking.open_petition(uow, case_id, viewer)
        return suggest(uow, vault, case, viewer, identifies=identifies)


def number_of(uow, case_id: UUID) -> str:
    case = read(uow, case_id)
    assert case is not None
    return case.number


def ids(found) -> list[UUID]:
    return [each.case_id for each in found]


def test_the_same_matter_by_the_same_person_is_suggested_with_its_reasons(intake, vault, clerk):
    first, _ = told(intake, vault, WATER), told(intake, vault, WAGES, OTHER)
    assert take_all_up(intake, vault) == 2
    again = told(intake, vault, AGAIN, channel=Channel.VISIT)
    [found] = suggested(intake, vault, again, clerk)  # before its own words are taken up
    assert (found.case_id, found.likeness.guess) == (first, Guess.REPEAT)
    assert found.likeness.reasons == (Reason.SAME_PHONE, Reason.SAME_WORDS, Reason.SAME_PLACE)
    assert "三十户人家" in "".join(found.common)
    take_all_up(intake, vault)
    assert ids(suggested(intake, vault, first, clerk)) == [again]


def test_the_same_matter_by_somebody_else_is_suggested_as_joint_and_another_matter_as_the_same_person(intake, vault, clerk):
    first, wages = told(intake, vault, WATER), told(intake, vault, WAGES, SOMEBODY, place="")
    take_all_up(intake, vault)
    again = told(intake, vault, AGAIN, replace(OTHER, email="li@example.org"))
    assert [(each.case_id, each.likeness.guess) for each in suggested(intake, vault, again, clerk)] == [(first, Guess.JOINT)]
    [person] = suggested(intake, vault, wages, clerk)
    assert (person.case_id, person.likeness.guess, person.likeness.reasons) == (first, Guess.PERSON, (Reason.SAME_PHONE,))
    assert person.common == ()


@pytest.mark.parametrize(
    ("contact", "reason"),
    [({"email": "Chen@Example.org"}, Reason.SAME_EMAIL), ({"id_number": "43012319800101876x"}, Reason.SAME_ID)],
)
def test_email_and_identity_number_find_a_person_again_however_they_are_written(intake, vault, clerk, contact, reason):
    first = told(intake, vault, WATER, Petitioner(name="陈十里", **{key: value.upper() for key, value in contact.items()}))
    again = told(intake, vault, WAGES, Petitioner(name="陈十里", **contact))
    [found] = suggested(intake, vault, again, clerk)
    assert (found.case_id, found.likeness.reasons[0]) == (first, reason)


def test_whoever_is_barred_from_a_case_is_never_told_that_it_looks_like_another(intake, vault, clerk, hear):
    first = told(intake, vault, WATER)
    take_all_up(intake, vault)
    again = told(intake, vault, AGAIN)
    assert ids(suggested(intake, vault, again, clerk)) == [first]
    hear("case.barred", first, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    assert suggested(intake, vault, again, clerk) == []
    with pytest.raises(Hidden), intake.unit_of_work() as uow:
        unlike(uow, again, first, clerk)


def test_a_suggestion_that_ignores_bars_is_noticed(intake, vault, clerk, hear, monkeypatch):
    first = told(intake, vault, WATER)
    take_all_up(intake, vault)
    again = told(intake, vault, AGAIN)
    hear("case.barred", first, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    blind = likeness.SQL["candidates"].replace("b.code = ANY(%(codes)s)", "false")
    monkeypatch.setitem(likeness.SQL, "candidates", blind)
    assert ids(suggested(intake, vault, again, clerk)) == [first]


def test_who_may_not_know_the_petitioner_is_not_told_that_it_is_the_same_one(intake, vault, hear):
    """A clerk who handles a confidential petition, and so may not learn who wrote it."""
    first = told(intake, vault, WATER, identity=Identity.CONFIDENTIAL)
    take_all_up(intake, vault)
    again, wages = told(intake, vault, AGAIN), told(intake, vault, WAGES)
    hear("assignment.issued", first, issued())
    both = Viewer(person=HEAD, roles=frozenset({"clerk"}), of_instance=True, codes=frozenset({HEAD.official, HEAD.organisation}))
    [alike] = [each for each in suggested(intake, vault, again, both) if each.case_id == first]
    assert (alike.likeness.guess, Reason.SAME_PHONE in alike.likeness.reasons) == (Guess.REPEAT, False)
    assert first not in ids(suggested(intake, vault, wages, both))
    apart = replace(both, person=CLERK, codes=frozenset({CLERK.official}))
    assert first in ids(suggested(intake, vault, wages, apart))


def test_the_same_complained_of_speaks_for_it_if_our_staff_named_it_in_both(intake, vault, clerk, hear):
    hear("directory.official_recorded", HEAD.official, {"official": HEAD.official, "name": "周立", "active": True, "posts": []})
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN, category="environment")
    take_all_up(intake, vault)
    for case_id in (first, again):
        with intake.unit_of_work() as uow:
            casework.set_conflict(uow, case_id, clerk, organisations=[], officials=[HEAD.official])
    [found] = suggested(intake, vault, again, clerk)
    assert Reason.SAME_COMPLAINED in found.likeness.reasons


def test_what_a_clerk_found_to_be_another_matter_is_not_asked_again(intake, vault, clerk):
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    for _ in range(2):
        with intake.unit_of_work() as uow:
            unlike(uow, again, first, clerk)
    assert suggested(intake, vault, again, clerk) == suggested(intake, vault, first, clerk) == []


# -- what lies in the database -----------------------------------------------------------------------------------------
def rows(settings, statement: str) -> list[tuple]:
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_two_petitions_with_the_same_words_share_nothing_that_the_database_shows(intake, vault, settings, clerk):
    first, again = told(intake, vault, WATER), told(intake, vault, WATER, OTHER)
    take_all_up(intake, vault)
    labels = rows(settings, "SELECT label, case_id FROM intake.shingle")
    assert len({label for label, _ in labels}) == len(labels) > 60
    assert {str(case_id) for _, case_id in labels} == {str(first), str(again)}
    [[counts]] = rows(settings, "SELECT counts FROM intake.shingle_counts")
    assert bytes(counts).startswith(b"AES-256-GCM")
    for words in ("造纸厂", "水井", "陈十里"):
        assert find(settings, words) == []
    assert ids(suggested(intake, vault, first, clerk)) == [again]  # and yet they are found


def test_a_case_that_is_erased_leaves_no_label_and_is_found_by_nobody_again(intake, vault, settings, clerk):
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    assert ids(suggested(intake, vault, again, clerk)) == [first]
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the way there, through every stage, is not what is tested
        cursor.execute(
            "UPDATE intake.petition SET stage = 'archived', archived_at = now() - interval '90 years' WHERE id = %s",
            (str(first),),
        )
    with intake.unit_of_work() as uow:
        assert erase_due(uow, Retention()) == 1
    assert {str(case_id) for (case_id,) in rows(settings, "SELECT case_id FROM intake.shingle")} == {str(again)}
    assert suggested(intake, vault, again, clerk) == []


def test_words_taken_up_again_are_counted_once_and_labelled_anew(intake, vault, settings, clerk):
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    before = {label for (label,) in rows(settings, "SELECT label FROM intake.shingle")}
    with intake.unit_of_work() as uow:
        take_up_all_again(uow)
    assert take_all_up(intake, vault) == 2
    after = {label for (label,) in rows(settings, "SELECT label FROM intake.shingle")}
    assert len(after) == len(before)
    assert ids(suggested(intake, vault, again, clerk)) == [first]


def test_under_another_master_key_everything_is_taken_up_anew(intake, vault, settings):
    told(intake, vault, WATER)
    take_all_up(intake, vault)
    stranger = Vault(os.urandom(32))
    with intake.unit_of_work() as uow:
        uow.all("INSERT INTO unshingled SELECT case_id FROM sealed")
    with intake.unit_of_work() as uow:
        assert take_up(uow, stranger) == 1
    assert rows(settings, "SELECT count(*) FROM intake.shingle") == [(0,)]
    assert rows(settings, "SELECT count(*) FROM intake.unshingled") == [(1,)]
    assert take_all_up(intake, vault) == 1
    assert rows(settings, "SELECT count(*) > 0 FROM intake.shingle") == [(True,)]


def test_a_petition_that_cannot_be_opened_any_more_is_passed_over(intake, vault, settings, clerk):
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE intake.sealed SET data_key = '' WHERE case_id = %s", (str(first),))
        cursor.execute("INSERT INTO intake.unshingled VALUES (%s)", (str(first),))
    assert suggested(intake, vault, again, clerk) == []
    assert take_all_up(intake, vault) == 1


def test_two_workers_take_each_petition_up_once(intake, vault, settings):
    for _ in range(6):
        told(intake, vault, WATER)
    done: list[int] = []

    def work() -> None:
        tries = 0  # whoever finds the other at work has nothing to do and tries again
        while sum(done) < 6 and (tries := tries + 1) < 10_000:
            with intake.unit_of_work() as uow:
                done.append(take_up(uow, vault, most=1))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 6
    [[total]] = rows(settings, "SELECT count(DISTINCT case_id) FROM intake.shingle")
    assert total == 6


# -- pages -------------------------------------------------------------------------------------------------------------
FORM = {
    "title": "请求过问", "identity": "named", "name": "陈十里", "phone": "13873512345", "matter_type": "appeal", "category": "",
    "place": "431023104", "group_size": "1",
}  # fmt: skip


def test_the_receipt_page_of_a_clerk_shows_what_it_may_repeat_and_the_public_one_does_not(intake, vault, browse):
    with intake.unit_of_work() as uow:
        number = number_of(uow, told(intake, vault, WATER))
    take_all_up(intake, vault)
    page = post(browse("clerk"), "/intake/register/visit", FORM | {"text": AGAIN, "key": str(uuid4())})
    assert page.status_code == 201
    assert receipt_of(page.text)
    for said in ("可能重复", number, "同一电话", "内容相似", "同一地点", "不会自动合并"):
        assert said in page.text
    public = post(browse(), "/submit", FORM | {"text": AGAIN, "key": str(uuid4())})
    assert public.status_code == 201
    assert "可能重复" not in public.text
    assert number not in public.text


def test_the_page_of_a_petition_suggests_and_a_clerk_says_no(intake, vault, browse):
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    client = browse("clerk")
    with intake.unit_of_work() as uow:
        number = number_of(uow, first)
    assert number in client.get(f"/intake/petitions/{again}").text
    answer = post(client, f"/intake/petitions/{again}/unlike", {"other": str(first)})
    assert answer.status_code == 303
    assert number not in client.get(f"/intake/petitions/{again}").text
    assert post(client, f"/intake/petitions/{again}/unlike", {"other": "x"}).status_code == 422
