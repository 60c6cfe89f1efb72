"""A confidential case is open to the persons responsible, the first-in-command and the office; to everybody else it is a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest

from services.routing import handlers
from shared.contract.envelope import instant
from tests.integration.routing.world import (
    AT,
    EPB,
    MATIAN,
    OFFICE,
    SECRETARY,
    TOWN,
    VICE,
    Instance,
    event,
    instruct,
    registered,
)

OFFICER, SUPERVISION, AUDITOR = "o-431023-epb-officer", "o-431023-sup-director", "o-431023-auditor"
WORDS = ("十里洞", "造纸厂", "机密批示", "暗访", "查实")
SAID: dict[str, Any] = {"outcome": "supported", "findings": "查实：暗访属实。", "measures": ["暗访"], "answer": "查实，已处理。"}


def confidential(county: Instance, case_id: UUID, *people: str, **more):
    with county.work() as uow:
        return handlers.instruct(
            uow,
            case_id,
            SECRETARY,
            "机密批示：请暗访。",
            [(one, "handling") for one in people],
            "ordinary",
            confidential=True,
            **more,
        )


@pytest.fixture
def replied(county: Instance, case_id: UUID):
    """A confidential case, replied to by the bureau's head; another case that looks back on it."""
    given = confidential(county, case_id, EPB, VICE)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
        handlers.progress(uow, assignment, EPB, "已暗访。")
        reply = handlers.reply(uow, assignment, EPB, **SAID)
    later = uuid4()
    county.hear(registered(later, AT, number="XF20161107-0009", title="路灯", brief="反映路灯不亮。"))
    link = {
        "link_id": str(uuid4()), "relation": "related_to", "other": str(case_id), "other_number": "XF20161107-0001", "why": "found",
        "by": given.author.as_data(), "at": instant(AT), "earlier": [],
    }  # fmt: skip
    county.hear(event("case.linked", later, link, source="/431023/intake", at=AT))
    instruct(county, later, EPB)
    return {
        "case": case_id, "assignment": assignment, "reply": reply.id, "instruction": given.id, "later": later,
        "later_assignment": county.assignment(later, EPB),
    }  # fmt: skip


PAGES = (
    "/routing/review?case={case}", "/routing/cases/{case}", "/routing/cases/{later}", "/routing/assignments?whose=unit",
    "/routing/assignments?whose=unit&tab=waiting", "/routing/assignments/{assignment}", "/routing/assignments/{later_assignment}",
    "/routing/instructions/{instruction}/print", "/routing/verify/{reply}", "/routing/replies/{reply}/print",
    "/routing/replies/{reply}/signed.json", "/routing/replies", "/routing/unanswered", "/routing/decisions", "/routing/handovers",
    "/routing/accountability", "/routing/readings", "/routing/refused-tries", "/routing/times", "/routing/sync", "/routing/rules",
)  # fmt: skip


def leaks(browser, made: dict[str, object], official: str) -> set[str]:
    """Where somebody finds a word of the case, its instruction or its reply."""
    one = browser(official)
    found = set()
    for path in PAGES:
        page = one.get(path.format(**made)).page
        text = re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), page)
        if any(word in text for word in WORDS):
            found.add(path)
    return found


@pytest.mark.parametrize("official", [OFFICER, SUPERVISION, AUDITOR, MATIAN])
def test_nobody_else_finds_a_word_of_it_on_any_page_although_lists_show_it_marked(browser, county, replied, official):
    assert leaks(browser, replied, official) == set()


@pytest.mark.parametrize("official", [EPB, SECRETARY, OFFICE, VICE])
def test_the_persons_responsible_the_first_in_command_and_the_office_read_it(browser, county, replied, official):
    assert "/routing/instructions/{instruction}/print" in leaks(browser, replied, official)


@contextmanager
def blind(county: Instance) -> Iterator[None]:
    """Meanwhile the rule of confidentiality lets everybody pass."""
    connection = psycopg2.connect(county.owner)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = routing; SELECT pg_get_functiondef('may_read'::regproc)")
        [(rule,)] = cursor.fetchall()
        cursor.execute(re.sub(r"AS (\$\w*\$).*\1", "AS 'SELECT true'", rule, flags=re.DOTALL))
        try:
            yield
        finally:
            cursor.execute(rule)
    connection.close()


def test_the_guard_is_what_keeps_it(browser, county, replied):
    """The twin: were everybody let through, the same search would find it."""
    with blind(county):
        auditors, officers = leaks(browser, replied, AUDITOR), leaks(browser, replied, OFFICER)
    assert {"/routing/cases/{case}", "/routing/cases/{later}", "/routing/replies/{reply}/print"} <= auditors
    assert {"/routing/assignments/{assignment}", "/routing/assignments?whose=unit&tab=waiting"} <= officers


def test_who_may_not_is_told_so_in_clear_words_and_the_list_shows_the_mark(browser, county, replied):
    officer = browser(OFFICER)
    page = officer.get("/routing/assignments?whose=unit&tab=waiting").page
    assert "保密件" in page
    assert "XF20161107-0001" in page
    refused = officer.get(f"/routing/assignments/{replied['assignment']}")
    assert refused.status == 403
    assert "本件是保密件" in refused.page
    assert "confidential" in officer.get(f"/routing/assignments/{replied['assignment']}?lang=en").page
    assert browser(AUDITOR).get(f"/routing/cases/{replied['case']}").status == 403


def test_a_deputy_reads_it_while_he_stands_in_and_whoever_it_is_taken_from_no_longer(browser, county, case_id):
    confidential(county, case_id, EPB)
    given = county.query("SELECT id FROM instruction")[0]["id"]
    vice, head = browser(VICE), browser(EPB)
    assert vice.get(f"/routing/instructions/{given}/print").status == 404
    with county.work() as uow:
        one = handlers.delegate(uow, SECRETARY, VICE, AT, AT.replace(month=12), "学习")
    assert "机密批示" in vice.get(f"/routing/instructions/{given}/print").page
    with county.work() as uow:
        handlers.end_delegation(uow, one.id, SECRETARY)
    assert vice.get(f"/routing/instructions/{given}/print").status == 404
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.withdraw(uow, assignment, OFFICE)
    ended = head.get(f"/routing/assignments/{assignment}")
    assert (ended.status, "机密" in ended.page, "造纸厂" in ended.page) == (200, False, False)
    assert head.get(f"/routing/instructions/{given}/print").status == 404


def test_a_further_instruction_opens_it_and_none_is_edited(browser, county, case_id):
    confidential(county, case_id, EPB)
    auditor = browser(AUDITOR)
    assert auditor.get(f"/routing/cases/{case_id}").status == 403
    instruct(county, case_id, EPB)
    assert "机密批示" in auditor.get(f"/routing/cases/{case_id}").page
    with pytest.raises(psycopg2.errors.RaiseException, match="never edited"), county.work() as uow:
        uow.all("UPDATE instruction SET confidential = false")


def test_below_it_is_for_the_person_responsible_alone_and_a_part_that_he_hands_on(county, township, case_id, browser):
    confidential(county, case_id, TOWN, limit_days=3)
    assert county.carry_to(township) == ["assignment.issued"]
    told = county.told("assignment.issued")[0].data
    assert (told["confidential"], told["limit_days"], told["enclosures"], told["answers"]) == (True, 3, [], None)
    row = township.query(
        "SELECT c.confidential, i.limit_days, may_read(c.id, %(town)s, '431023104', %(at)s) AS town,"
        " may_read(c.id, 'o-431023104-clerk', '431023104', %(at)s) AS other"
        " FROM case_record c JOIN instruction i ON i.case_id = c.id",
        town=TOWN, at=AT,
    )  # fmt: skip
    assert row == [{"confidential": True, "limit_days": 3, "town": True, "other": False}]
    assignment = township.assignment(case_id, TOWN)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)
        to = next(one for one in uow.all("SELECT official FROM official WHERE official <> %(me)s", me=TOWN))["official"]
        handlers.hand_on(uow, assignment, TOWN, to, "请查。")
    assert township.told("assignment.issued")[-1].data["confidential"] is True
    [(seen)] = township.query("SELECT may_read(%(case)s, %(to)s, '431023104', %(at)s) AS ok", case=case_id, to=to, at=AT)
    assert seen["ok"]


def test_it_teaches_nothing(county, case_id):
    from services.routing.handlers.learning import past_assignments

    other = uuid4()
    county.hear(registered(other, AT, number="XF2"))
    instruct(county, other, EPB)
    confidential(county, case_id, EPB)
    with county.work() as uow:
        assert [one.id for one in past_assignments(uow)] == [other]
