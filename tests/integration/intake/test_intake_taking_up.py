"""Words are taken up without standing in the database: in turn, by whoever has the key, and never of what is being erased."""

from __future__ import annotations

import os
import threading
from uuid import UUID

import psycopg2

from deploy.dev.waiting import until
from services.intake.domain.retention import Retention
from services.intake.handlers import likeness
from services.intake.handlers.likeness import take_up, take_up_all_again
from services.intake.handlers.retention import erase_due
from services.intake.vault.crypto import Vault
from tests.integration.intake.import_lists import a_csv, a_row, imported
from tests.integration.intake.intake_cases import find
from tests.integration.intake.likeness_cases import (
    AGAIN,
    OTHER,
    WAGES,
    WATER,
    change,
    ids,
    over,
    rows,
    suggested,
    take_all_up,
    told,
    waiting,
)


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
    over(settings, first)
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


def test_counts_that_do_not_open_any_more_have_everything_taken_up_anew(intake, vault, settings, clerk):
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    change(settings, "UPDATE intake.shingle_counts SET counts = overlay(counts placing 'xx'::bytea from 40)")
    assert suggested(intake, vault, again, clerk)  # by the contact, at least
    third = told(intake, vault, WATER, OTHER)
    with intake.unit_of_work() as uow:
        assert take_up(uow, vault) == 1
    assert rows(settings, "SELECT count(*) FROM intake.shingle") == [(0,)]
    assert {case_id for case_id, _ in waiting(settings)} == {str(first), str(again), str(third)}
    assert take_all_up(intake, vault) == 3
    assert set(ids(suggested(intake, vault, again, clerk))) == {first, third}


def test_a_worker_without_the_key_of_the_counts_leaves_everything_as_it_is(intake, vault, settings, clerk):
    """As one that has not been given the new master key after a rotation."""
    first, again = told(intake, vault, WATER), told(intake, vault, AGAIN)
    take_all_up(intake, vault)
    labels = rows(settings, "SELECT label FROM intake.shingle ORDER BY 1")
    third = told(intake, vault, WATER, OTHER)
    with intake.unit_of_work() as uow:
        assert take_up(uow, Vault(os.urandom(32))) == 0
    assert (rows(settings, "SELECT label FROM intake.shingle ORDER BY 1"), waiting(settings)) == (labels, [(str(third), 0)])
    assert take_all_up(intake, vault) == 1
    assert set(ids(suggested(intake, vault, again, clerk))) == {first, third}


def test_what_a_worker_has_no_key_for_waits_behind_the_others_and_is_found_when_it_has(intake, vault, settings, clerk):
    first, lacking = told(intake, vault, WATER), told(intake, vault, AGAIN)
    [[kept]] = rows(settings, f"SELECT data_key FROM intake.sealed WHERE case_id = '{lacking}'")
    change(
        settings,
        "UPDATE intake.sealed SET data_key = %s WHERE case_id = %s",
        Vault(os.urandom(32)).new_key(lacking).wrapped,
        str(lacking),
    )
    for done in (0, 1, 0):  # the newest first; then what is behind it
        with intake.unit_of_work() as uow:
            assert take_up(uow, vault, most=1) == done
    assert waiting(settings) == [(str(lacking), 2)]
    change(settings, "UPDATE intake.sealed SET data_key = %s WHERE case_id = %s", bytes(kept), str(lacking))
    assert take_all_up(intake, vault) == 1
    assert (waiting(settings), ids(suggested(intake, vault, first, clerk))) == ([], [lacking])


def test_the_newest_are_taken_up_first_and_old_cases_of_a_list_after_them(intake, vault, settings):
    older, newer = told(intake, vault, WATER), told(intake, vault, WAGES)
    imported(intake, vault, a_csv([a_row("1"), a_row("2")]))
    turns = [turn for _, turn in waiting(settings)]
    assert turns == [0, 0, 1, 1]
    taken: list[str] = []
    for _ in range(2):
        before = waiting(settings)
        with intake.unit_of_work() as uow:
            assert take_up(uow, vault, most=1) == 1
        taken += [case_id for case_id, _ in before if case_id not in dict(waiting(settings))]
    assert taken == [str(newer), str(older)]
    with intake.unit_of_work() as uow:
        take_up_all_again(uow)
    assert [turn for _, turn in waiting(settings)] == turns


def labelled_though_erased(intake, vault, settings, case_id: UUID) -> bool:
    """An erasure meets the taking-up: begun while that goes on, and waiting for it if it must."""
    over(settings, case_id)
    erased: list[int] = []

    def erase() -> None:
        with intake.unit_of_work() as uow:
            erased.append(erase_due(uow, Retention()))

    def waits() -> bool:
        return rows(settings, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'intake' AND wait_event_type = 'Lock'") != [
            (0,)
        ]

    thread = threading.Thread(target=erase)
    with intake.unit_of_work() as uow:
        assert take_up(uow, vault) == 1
        thread.start()
        until(lambda: waits() or not thread.is_alive(), timeout=20, what="the erasure")
    thread.join(20)
    if erased == [0]:  # it left out what was being taken up
        erase()
    assert erased[-1] == 1
    return rows(settings, "SELECT count(*) FROM intake.shingle") != [(0,)]


def test_an_erasure_that_meets_the_taking_up_leaves_no_label(intake, vault, settings):
    assert not labelled_though_erased(intake, vault, settings, told(intake, vault, WATER))
    assert waiting(settings) == []


def test_a_taking_up_that_holds_nothing_is_noticed(intake, vault, settings, monkeypatch):
    monkeypatch.setitem(likeness.SQL, "sealed_words", likeness.SQL["sealed_words"].replace("FOR SHARE SKIP LOCKED", ""))
    assert labelled_though_erased(intake, vault, settings, told(intake, vault, WATER))


def test_what_is_being_erased_is_not_taken_up(intake, vault, settings):
    case_id = told(intake, vault, WATER)
    over(settings, case_id)
    with intake.unit_of_work() as uow:
        assert erase_due(uow, Retention()) == 1
        with intake.unit_of_work() as worker:
            assert take_up(worker, vault) == 0
    assert (waiting(settings), rows(settings, "SELECT count(*) FROM intake.shingle")) == ([], [(0,)])


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
