"""From a board out there to a clerk: over real HTTP, with lines that break and processes that die in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploy.dev.waiting import until
from services.intake.channels import boards as fetching
from services.intake.channels.fetchers import Office
from services.intake.handlers import board_items
from tests.integration.intake.board_cases import a_feed, board
from tests.integration.intake.board_server import answer, cut_in_the_middle


@pytest.fixture
def standing(intake):
    """How a board stands."""

    def standing(name="forum"):
        with intake.unit_of_work() as uow:
            return board_items.boards(uow)[name]

    return standing


def test_each_post_is_taken_in_once_and_an_unchanged_feed_is_not_sent_again(feed, outside, texts, standing):
    assert feed.fetch() == {"waiting": 5}
    assert feed.fetch() == {}
    assert outside.asked[1][1]["if-none-match"] == outside.etag
    outside.posts["6"] = "第 6 件事。"
    assert feed.fetch() == {"repeated": 5, "waiting": 1}
    assert texts() == sorted(outside.posts.values())
    assert standing()["failing_since"] is None
    assert datetime.now(UTC) - standing()["succeeded_at"] < timedelta(minutes=1)


def test_a_line_that_breaks_in_the_middle_costs_nothing_and_doubles_nothing(feed, outside, texts, standing):
    outside.respond = cut_in_the_middle(outside)
    for _ in range(2):
        assert feed.fetch() is None
    assert (texts(), standing()["failure"], standing()["failures"]) == ([], "broken_off", 2)
    outside.respond = None
    assert feed.fetch() == {"waiting": 5}
    assert "if-none-match" not in outside.asked[-1][1]  # what was cut off was never remembered
    assert texts() == sorted(outside.posts.values())
    assert standing()["failures"] == 0


def test_an_end_that_nobody_announced_is_seen_in_the_feed_itself(feed, outside, texts, standing):
    def short(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(outside.feed[:-80])

    outside.respond = short
    assert feed.fetch() is None
    assert (texts(), standing()["failure"]) == ([], "broken_off")


def test_a_board_that_comes_back_is_gone_on_with(feed, outside, texts, standing):
    assert feed.fetch() == {"waiting": 5}
    outside.stop()
    assert feed.fetch() is None
    assert standing()["failure"] == "unreachable"
    outside.posts["6"] = "停机期间的一件事。"
    outside.start()
    assert feed.fetch() == {"repeated": 5, "waiting": 1}
    assert texts() == sorted(outside.posts.values())


def test_an_answer_that_is_no_feed_is_kept_for_a_clerk_once_for_each_time(feed, outside, intake, standing):
    outside.respond = lambda handler: answer(handler, 200, f"<html>维护中 {len(outside.asked)}".encode())
    for _ in range(3):
        feed.fetch()
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT channel, reason FROM unread_mail") == [{"channel": "post", "reason": "not_a_feed"}]
    assert (standing()["failure"], standing()["failures"]) == ("not_a_feed", 3)


def test_a_busy_board_is_left_alone_as_long_as_it_asked(feed, outside, standing):
    outside.respond = lambda handler: answer(handler, 429, b"", Retry_After="7200")
    begun = datetime.now(UTC)
    feed.fetch()
    assert standing()["failure"] == "busy 429"
    assert standing()["next_fetch_at"] - begun >= timedelta(seconds=7200)


# -- two processes, and one that dies ---------------------------------------------------------------------------------------

CHILD = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from services.intake.channels import boards
from services.intake.vault.crypto import open_vault
from services.intake.site import read_site
from shared import config
from shared.database import Database
from tests.integration.intake.board_cases import a_feed, board

settings = config.load()
database = Database(settings.service_url("intake"), service="intake", org=settings.org)
feed = a_feed(board(read_site(settings)), database, open_vault(settings.keys))
{sabotage}
feed.fetch()
"""
DIES = "os.kill(os.getpid(), signal.SIGKILL)"
BEFORE_REMEMBERING = f"feed.remember = lambda *_: {DIES}"
BETWEEN_BATCHES = f"""
boards.AT_ONCE = 2
take, calls = boards.take_posts, []
def dies(*given):
    calls.append(1)
    return take(*given) if len(calls) < 3 else {DIES}
boards.take_posts = dies
"""
# The code as it must not be: what is known is remembered first.
REMEMBERS_FIRST = f"""
def turned_round(answer, known, posts):
    feed.remember(answer.remembered, 0)
    {DIES}
feed.take_in = turned_round
"""


@pytest.fixture
def fetch_in_a_process(settings, named, tmp_path):
    """A process of its own fetches; with `sabotage` it dies at a point."""

    def run(sabotage=""):
        environment = os.environ | {
            "ZHIDA_ORG": settings.org, "ZHIDA_KEYS": str(settings.keys), "DATABASE_URL": settings.database_url,
            "DATABASE_URL_INTAKE": settings.service_url("intake"), "ZHIDA_FILE_INTAKE": str(tmp_path / "intake.yaml"),
        }  # fmt: skip
        code = CHILD.format(sabotage=sabotage)
        return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=60).returncode

    return run


@pytest.mark.parametrize("sabotage", [BEFORE_REMEMBERING, BETWEEN_BATCHES], ids=["before_remembering", "between_batches"])
def test_a_fetcher_that_is_killed_leaves_every_post_exactly_once(fetch_in_a_process, sabotage, outside, texts):
    assert fetch_in_a_process(sabotage) == -signal.SIGKILL
    assert fetch_in_a_process() == 0
    assert texts() == sorted(outside.posts.values())


def test_twin_a_feed_that_is_remembered_before_its_posts_are_there_loses_them(fetch_in_a_process, outside, texts):
    assert fetch_in_a_process(REMEMBERS_FIRST) == -signal.SIGKILL
    assert fetch_in_a_process() == 0
    assert outside.asked[-1][1]["if-none-match"] == outside.etag
    assert texts() != sorted(outside.posts.values())


def test_twin_a_key_without_the_boards_name_for_a_post_doubles_what_is_edited(feed, outside, texts, monkeypatch, intake):
    from services.intake.domain.boards import Post

    monkeypatch.setattr(Post, "identity", property(lambda post: post.words))
    feed.fetch()
    outside.posts["1"] = "第 1 件事，改过。"
    feed.fetch()
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM board_item")["n"] != len(outside.posts)


def test_two_processes_never_fetch_one_board_at_once(feed, named, intake, vault, outside, texts):
    inside, leave = threading.Event(), threading.Event()

    def slow(handler):
        inside.set()
        leave.wait(5)
        outside.serve(handler)

    outside.respond = slow
    first = threading.Thread(target=feed.fetch)
    first.start()
    assert inside.wait(10)
    assert a_feed(board(named), intake, vault).fetch() is None
    leave.set()
    first.join()
    assert len(outside.asked) == 1
    assert texts() == sorted(outside.posts.values())


def test_the_process_that_fetches_has_a_fetcher_for_each_feed_and_one_for_answers(
    named, settings, intake, vault, outside, caplog
):
    office = Office(settings=replace(settings, public_url="https://yongxing.example"), site=named, database=intake, vault=vault)
    found = fetching.fetchers(office)
    assert [fetcher.name for fetcher in found] == ["board forum", "board letters", "board answers"]
    assert "board forum: addresses of private networks are allowed" in caplog.text
    stopping = threading.Event()
    threads = [threading.Thread(target=fetcher.run, args=(stopping,)) for fetcher in found]
    for thread in threads:
        thread.start()
    with intake.unit_of_work() as uow:
        uow.all("SELECT 1")

    def all_there():
        with intake.unit_of_work() as uow:
            rows = uow.all("SELECT board, count(*) AS n, count(case_id) AS cases FROM board_item GROUP BY board ORDER BY board")
        return [tuple(row.values()) for row in rows] == [("forum", 5, 0), ("letters", 5, 5)]

    until(all_there, timeout=20, what="both boards")
    stopping.set()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert outside.asked[0][1]["user-agent"] == "Zhida/1 (431023; +https://yongxing.example)"


def test_nobody_fetches_without_a_contact_to_name(named, settings, intake, vault):
    with pytest.raises(OSError, match="ZHIDA_PUBLIC_URL"):
        fetching.fetchers(Office(settings=settings, site=named, database=intake, vault=vault))
    assert fetching.fetchers(Office(settings=settings, site=replace(named, boards=()), database=intake, vault=vault)) == []
