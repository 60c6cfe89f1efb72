"""Old cases come in from lists: each once, with what had been done of it, sealed like any other."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from services.intake.channels import importer
from services.intake.domain.imports import ImportJob
from services.intake.domain.petition import Petition
from services.intake.domain.submission import Purpose
from services.intake.handlers import importing
from services.intake.handlers.casework import set_conflict
from services.intake.handlers.imports import destroy_old, faulty, faulty_parts, find_old, key_of
from services.intake.handlers.looking import read_identity, read_words
from services.intake.handlers.registration import petitioner_from
from services.intake.store import PETITIONS, SQL, read, read_import
from services.intake.workflow import ImportStage, Stage
from shared.errors import NotFound
from tests.integration.intake.import_lists import (
    HEADINGS,
    OPEN,
    RECEIVED,
    SOURCE,
    a_csv,
    a_row,
    an_xlsx,
    handed_in,
    imported,
    rows_of,
    started,
    worked_on,
)
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import find


def petitions(intake) -> list[Petition]:
    with intake.unit_of_work() as uow:
        return uow.rows(PETITIONS).where("true")


def counts(job: ImportJob) -> tuple[int, ...]:
    return tuple(job.counts.get(name, 0) for name in ("open", "finished", "again", "failed"))


@pytest.mark.parametrize("make", [a_csv, an_xlsx])
def test_a_list_is_registered_whole_and_a_second_time_nothing_is_doubled(intake, vault, told, make):
    content = make(rows_of(1203))
    done = imported(intake, vault, content)
    assert (done.stage, done.fault, counts(done)) == (ImportStage.DONE, "", (120, 1083, 0, 0))
    again = imported(intake, vault, content)
    assert again.expected["again"] == 1203
    found = petitions(intake)
    assert len({case.number for case in found}) == len(found) == 1203
    assert [case.stage for case in found].count(Stage.ARCHIVED) == 1083
    names = [name for name, _ in told()]
    assert (names.count("case.imported"), names.count("case.registered")) == (1083, 120)


def test_an_overlapping_list_adds_only_what_is_new_and_uses_up_no_numbers(intake, vault):
    imported(intake, vault, a_csv(rows_of(30)))
    done = imported(intake, vault, an_xlsx(rows_of(50)))
    assert counts(done) == (2, 18, 30, 0)
    numbers = sorted(int(case.number.rpartition("-")[2]) for case in petitions(intake))
    assert numbers[-1] - numbers[0] == 49


def test_the_same_number_of_another_system_is_another_case_and_a_name_is_read_as_typed(intake, vault):
    imported(intake, vault, a_csv([a_row("17")]))
    assert counts(imported(intake, vault, a_csv([a_row("17")]), source="12345热线")) == (0, 1, 0, 0)
    assert imported(intake, vault, a_csv([a_row(" １７ ")]), source=" 2014版 信访系统").expected["again"] == 1
    assert counts(imported(intake, vault, a_csv([a_row("17")]), source=f"{SOURCE}(县级)")) == (0, 1, 0, 0)
    assert imported(intake, vault, a_csv([a_row("17")]), source=f"{SOURCE}【县级】").expected["again"] == 1


def test_the_check_changes_nothing(intake, vault, told):
    checked = worked_on(intake, vault, handed_in(intake, vault, a_csv(rows_of(20))))
    assert (checked.stage, counts(checked), checked.total) == (ImportStage.CHECKED, (2, 18, 0, 0), 20)
    assert (petitions(intake), told()) == ([], [])


def test_a_case_that_is_over_is_archived_with_its_days_and_its_answer(intake, vault, told):
    imported(intake, vault, a_csv([a_row("17")]))
    [case] = petitions(intake)
    assert (case.stage, case.outcome, case.answer) == (Stage.ARCHIVED, "supported", "造纸厂已取缔。")
    assert case.number.startswith(f"431023-{RECEIVED.year}-")
    assert case.concluded_at is not None
    assert case.closed_at is not None
    assert case.archived_at == case.closed_at
    assert (case.closed_at - case.received_at, case.registered_at) == (timedelta(days=20), case.received_at)
    assert (case.imported_from, case.registered_by) == (SOURCE, CLERK)
    [(name, data)] = told()
    assert (name, data["outcome"], data["by"]["official"]) == ("case.imported", "supported", CLERK.official)


def test_an_open_case_is_told_like_a_new_one_with_the_day_on_which_it_came(intake, vault, told):
    imported(intake, vault, a_csv([a_row("17", 交办摘要="村民反映排污。", **OPEN)]))
    [case] = petitions(intake)
    assert (case.stage, case.revision, case.registered_at > case.received_at) == (Stage.REGISTERED, 1, True)
    [(name, data)] = told()
    assert (name, data["brief"], data["received_at"][:4]) == ("case.registered", "村民反映排污。", str(case.received_at.year))


def test_what_is_not_understood_is_kept_where_only_those_see_it_who_may_know_the_sender(intake, vault, clerk):
    imported(intake, vault, a_csv([a_row("17", 备注="弟弟电话13900001111", 处理结果="办了", 是否满意="不满意")]))
    [case] = petitions(intake)
    with intake.unit_of_work() as uow:
        words = read_words(uow, vault, case, clerk, identifies=True)
        _, who = read_identity(uow, vault, case.id, clerk, purpose=Purpose.VERIFY)
    assert words.particulars == {"old_system": SOURCE, "old_number": "17"}
    assert dict(who.remarks) == {"outcome": "办了", "satisfied": "不满意", "备注": "弟弟电话13900001111"}


def test_names_are_blotted_out_of_what_stands_in_the_clear_and_kept_as_they_were(intake, vault, told):
    brief, answer = "陈十里（138 7351-2345）反映排污。", "陈十里同志：已取缔。"
    done = imported(intake, vault, a_csv([a_row("17", 交办摘要=brief, 答复=answer)]))
    [case] = petitions(intake)
    assert (case.brief, case.answer) == ("＊＊＊（＊＊＊＊＊＊）反映排污。", "＊＊＊同志：已取缔。")
    assert done.counts["warned"] == 1
    with intake.unit_of_work() as uow:
        row = uow.one(SQL["sealed_of_case"], case_id=case.id)
        key = vault.open_key(case.id, bytes(row["data_key"]))
    assert dict(petitioner_from(key.open_json("identity", bytes(row["identity"]))).remarks)["answer"] == answer


def test_faulty_rows_are_kept_with_everything_that_is_wrong_and_the_others_are_registered(intake, vault, clerk):
    wrong = a_row("", 渠道="信鸽", 电话="1.38E+10", 标题="")
    job_id = handed_in(intake, vault, a_csv([a_row("1"), wrong, a_row("2")]))
    assert counts(worked_on(intake, vault, job_id)) == (0, 2, 0, 1)
    started(intake, job_id)
    done = worked_on(intake, vault, job_id)
    assert (counts(done), done.handled) == ((0, 2, 0, 1), 3)
    with intake.unit_of_work() as uow:
        headings, [row] = faulty(uow, vault, job_id, clerk)
    assert (headings, row.number, row.cells[1]) == (list(HEADINGS), 3, "信鸽")
    assert {said["field"] for said in row.wrong} == {"old_number", "channel", "phone", "title"}
    assert {(one["field"], one["count"], one["failed"]) for one in done.tallies} >= {("phone", 1, True), ("channel", 1, True)}


def test_a_number_that_stands_twice_is_one_case_or_is_told_of(intake, vault, clerk):
    job_id = handed_in(intake, vault, a_csv([a_row("1"), a_row("1"), a_row("1", 标题="另一件")]))
    assert counts(worked_on(intake, vault, job_id)) == (0, 1, 1, 1)
    started(intake, job_id)
    assert counts(worked_on(intake, vault, job_id)) == (0, 1, 1, 1)
    with intake.unit_of_work() as uow:
        [row] = faulty(uow, vault, job_id, clerk)[1]
    assert (row.number, row.wrong[0]["values"]) == (4, {"row": 2})


def test_a_number_twice_in_different_batches_is_found_too(intake, vault, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    monkeypatch.setattr(importer, "batches", lambda rows: importing.batches(rows, 2))
    rows = [a_row("1"), a_row("2"), a_row("3"), a_row("1"), a_row("2", 标题="另一件")]
    assert counts(imported(intake, vault, a_csv(rows))) == (0, 3, 1, 1)
    assert len(petitions(intake)) == 3


def test_a_number_with_another_content_changes_nothing_and_is_for_a_person_to_look_at(intake, vault, clerk):
    imported(intake, vault, a_csv([a_row("1")]))
    before = petitions(intake)
    job = imported(intake, vault, a_csv([a_row("1", 标题="改了标题")]))
    assert (job.stage, counts(job), petitions(intake)) == (ImportStage.CHECKED, (0, 0, 0, 1), before)
    with intake.unit_of_work() as uow:
        assert faulty_parts(uow, job.id, clerk, 10) == (1, [0])
        set_conflict(uow, before[0].id, clerk, organisations=[], officials=[])
    with intake.unit_of_work() as uow:
        uow.all(
            "INSERT INTO bar (case_id, code, barred_at, named) VALUES (%(id)s, 'o-431023-clerk', now(), true)", id=before[0].id
        )
    with intake.unit_of_work() as uow:  # whoever is barred from the case does not learn of it here
        assert (faulty(uow, vault, job.id, clerk)[1], faulty_parts(uow, job.id, clerk, 10)) == ([], (0, []))
        assert find_old(uow, vault, clerk, "1") is None


def test_a_case_is_found_by_its_old_number(intake, vault, clerk):
    imported(intake, vault, a_csv([a_row("信访[2014]17号")]))
    with intake.unit_of_work() as uow:
        assert find_old(uow, vault, clerk, " 信访[2014]17号") == petitions(intake)[0].id
        assert find_old(uow, vault, clerk, "18") is None


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<html>", "page"), (a_csv([], ("原编号", "渠道", "收到日期")), "missing title,text"),
        (a_csv([["1"] * 6], ("原编号", "渠道", "收到日期", "标题", "内容", "正文")), "doubled text"),
        (a_csv([a_row("1")]) + b'2,"', "quote 3"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why_and_registers_nothing(intake, vault, content, fault):
    job = worked_on(intake, vault, handed_in(intake, vault, content))
    assert (job.stage, job.fault, petitions(intake)) == (ImportStage.UNREADABLE, fault, [])


def test_a_row_that_the_database_will_not_take_costs_no_other_row(intake, vault, settings, clerk, caplog):
    job_id = handed_in(
        intake, vault, a_csv([*rows_of(20), a_row("坏", 交办摘要="坏"), *(a_row(f"后{number}") for number in range(20))])
    )
    worked_on(intake, vault, job_id)
    started(intake, job_id)
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("ALTER TABLE intake.petition ADD CONSTRAINT odd CHECK (brief <> '坏')")
    try:
        done = worked_on(intake, vault, job_id)
    finally:
        with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
            cursor.execute("ALTER TABLE intake.petition DROP CONSTRAINT odd")
    assert (done.stage, counts(done), len(petitions(intake))) == (ImportStage.DONE, (2, 38, 0, 1), 40)
    with intake.unit_of_work() as uow:
        [row] = faulty(uow, vault, job_id, clerk)[1]
    assert (row.number, [said["field"] for said in row.wrong]) == (22, ["row"])
    assert "坏" not in caplog.text  # the database quotes the row that it does not take


def test_it_pauses_between_batches_and_goes_on_where_it_stood(intake, vault):
    from services.intake.handlers.imports import act
    from tests.unit.intake.intake_builders import a_viewer

    job_id = handed_in(intake, vault, a_csv(rows_of(1800)))
    worked_on(intake, vault, job_id)
    started(intake, job_id)

    def pause(job: ImportJob) -> None:
        if job.handled == 500:
            with intake.unit_of_work() as uow:
                act(uow, job_id, a_viewer("clerk"), "pause")

    importer.work_on(intake, vault, job_id, threading.Event(), pause)
    assert len(petitions(intake)) == 500
    assert not importer.work_on(intake, vault, job_id, threading.Event())  # nothing to do while it stands still
    with intake.unit_of_work() as uow:
        job = act(uow, job_id, a_viewer("clerk"), "go_on")
    assert job.handled == 500
    assert sum(counts(worked_on(intake, vault, job_id))) == len(petitions(intake)) == 1800


def test_a_file_and_its_faulty_rows_are_destroyed_in_their_time(intake, vault, clerk):
    done = imported(intake, vault, a_csv([a_row("1"), a_row("")]))
    waiting = handed_in(intake, vault, a_csv([a_row("2")]))
    with intake.unit_of_work() as uow:
        assert destroy_old(uow, timedelta(days=30)) == 0
        assert destroy_old(uow, timedelta(seconds=-1)) == 2
    with intake.unit_of_work() as uow:
        for table in ("import_file", "import_chunk", "import_fault"):
            assert uow.all(f"SELECT FROM {table}") == []
        ended: Any = read_import(uow, waiting)
        with pytest.raises(NotFound):
            key_of(uow, vault, done.id)
    assert (ended.stage, len(petitions(intake))) == (ImportStage.CANCELLED, 1)


def test_nothing_that_a_list_says_of_people_stands_in_the_clear(settings, intake, vault):
    canary = {
        "姓名": "陈金丝雀",
        "电话": "13899887766",
        "备注": "金丝雀的邻居",
        "标题": "金丝雀的标题",
        "交办摘要": "陈金丝雀来信",
    }
    job = imported(intake, vault, a_csv([a_row("金丝雀编号1", **canary), a_row("", **canary)], (*HEADINGS[:-1], "金丝雀栏")))
    assert counts(job) == (0, 1, 0, 1)
    for word in ("金丝雀", "13899887766", "造纸厂夜里"):
        assert find(settings, word) == []


def test_the_queue_of_the_desk_does_not_grow_by_what_is_over(intake, vault, clerk):
    from services.intake.handlers.looking import counts as waiting

    imported(intake, vault, a_csv(rows_of(50)))
    with intake.unit_of_work() as uow:
        found = waiting(uow, clerk)
    assert (found["unbriefed"], found["unaccepted"]) == (5, 5)


def test_routing_may_be_told_who_is_complained_of_in_a_case_that_is_over(intake, vault, clerk, told):
    imported(intake, vault, a_csv([a_row("1")]))
    case_id: UUID = petitions(intake)[0].id
    with intake.unit_of_work() as uow:
        uow.all("INSERT INTO organisation (code, name, name_en, has_instance) VALUES ('431023-epb', '环保局', 'EPB', false)")
    with intake.unit_of_work() as uow:
        set_conflict(uow, case_id, clerk, organisations=["431023-epb"], officials=[])
    assert [name for name, _ in told()] == ["case.imported", "case.conflict_set"]
    with intake.unit_of_work() as uow:
        assert read(uow, case_id).conflict_set_at is not None  # type: ignore[union-attr]
