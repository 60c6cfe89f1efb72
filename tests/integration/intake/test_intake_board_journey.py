"""From a board out there to a petition and back: over real HTTP, with lines that break and processes that die in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploy.dev.waiting import until
from services.intake import boards as fetching
from services.intake.channels import Office
from services.intake.domain.submission import MatterType
from services.intake.handlers import board_items, board_replies
from services.intake.handlers.board_items import Choice
from services.intake.signed import HEADER, verify
from services.intake.site import read_site
from tests.integration.intake.board_cases import REPLY_SECRET, a_feed, board, some_answers, write_site
from tests.integration.intake.board_server import OutsideBoard, answer, cut_in_the_middle
from tests.integration.intake.intake_cases import concluded

CHOICE = Choice(title="药费", matter_type=MatterType.APPEAL, category="", place="")


@pytest.fixture
def outside():
    made = OutsideBoard()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def named(settings, tmp_path, outside):
    outside.posts = {str(n): f"第 {n} 件事，请书记过问。" for n in range(1, 6)}
    return read_site(replace(settings, service_files={"intake": write_site(tmp_path, outside.address)}))


@pytest.fixture
def feed(named, intake, vault):
    return a_feed(board(named), intake, vault)


@pytest.fixture
def texts(intake, vault, clerk):
    """Every text of every post that was taken in, sorted."""

    def texts():
        with intake.unit_of_work() as uow:
            ids = [row["id"] for row in uow.all("SELECT id FROM board_item")]
            return sorted(
                post.text.strip() for item_id in ids for _, post in board_items.read_item(uow, vault, item_id, clerk).texts
            )

    return texts


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
from services.intake import boards
from services.intake.crypto import open_vault
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
    fetchers = fetching.board_fetchers(office)
    assert [fetcher.name for fetcher in fetchers] == ["board forum", "board letters", "board answers"]
    assert "board forum: addresses of private networks are allowed" in caplog.text
    stopping = threading.Event()
    threads = [threading.Thread(target=fetcher.run, args=(stopping,)) for fetcher in fetchers]
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
        fetching.board_fetchers(Office(settings=settings, site=named, database=intake, vault=vault))
    assert fetching.board_fetchers(Office(settings=settings, site=replace(named, boards=()), database=intake, vault=vault)) == []


# -- and back ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def answered(feed, named, intake, vault, clerk, hear):
    """A petition from the forum, concluded, with its answer approved for posting."""
    feed.fetch()
    with intake.unit_of_work() as uow:
        [first, *_] = [row["id"] for row in board_items.items(uow, clerk)[0]]
        case_id, _ = board_items.register_item(
            uow, vault, first, clerk, revision=1, choice=CHOICE, board_of=lambda name: board(named, name)
        )
    hear("case.concluded", case_id, concluded())
    with intake.unit_of_work() as uow:
        board_replies.approve(uow, vault, case_id, clerk, text="造纸厂已取缔。", sends=lambda name: True)
    return case_id


def test_the_answer_goes_back_under_its_post_once_and_signed(answered, named, intake, vault, clerk, outside, told):
    answers = some_answers(named, intake, vault)
    assert (answers.send(), answers.send()) == (1, 0)
    [(headers, body)] = outside.replies
    said = json.loads(body)
    assert said["text"] == "造纸厂已取缔。"
    assert (said["office"], said["url"]) == ("永兴县", f"{outside.address}/t/{said['item']}")
    assert headers["idempotency-key"] == said["reply"]
    now = int(headers[HEADER.lower()].split(",")[0][2:])
    assert verify([REPLY_SECRET], headers[HEADER.lower()], body, now)
    assert "431023-" not in body.decode()  # under a post with its author's handle no case's number stands
    with intake.unit_of_work() as uow:
        desk = board_replies.desk(uow, vault, answered, clerk)
    assert desk.reply.stage == "sent"
    assert desk.link == f"{outside.address}/t/reply"
    name, data = told()[-1]
    assert (name, data["medium"], data["template"]) == ("message.sent", "board", "case_concluded")


def test_a_board_that_is_away_is_tried_again_with_the_same_id(answered, named, intake, vault, outside, told):
    answers = some_answers(named, intake, vault)
    outside.reply_status = 503
    assert answers.send() == 1
    outside.reply_status = 200
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT stage, attempts, failure FROM board_reply") == {
            "stage": "waiting",
            "attempts": 1,
            "failure": "busy 503",
        }
        uow.all("UPDATE board_reply SET next_attempt_at = %(now)s", now=uow.now)
    assert answers.send() == 1
    assert len({headers["idempotency-key"] for headers, _ in outside.replies}) == 1
    assert [name for name, _ in told()][-1] == "message.sent"


def test_what_a_board_refuses_for_good_is_left_to_a_clerk(answered, named, intake, vault, clerk, outside, told):
    outside.reply_status = 404
    some_answers(named, intake, vault).send()
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT stage, failure FROM board_reply") == {"stage": "failed", "failure": "refused 404"}
    assert told()[-1][1]["reason"] == "refused"
    with intake.unit_of_work() as uow:
        board_replies.send_anew(uow, answered, clerk)
    outside.reply_status = 200
    assert some_answers(named, intake, vault).send() == 1
    assert [name for name, _ in told()][-2:] == ["message.failed", "message.sent"]


def test_two_senders_never_try_one_answer_at_once(answered, named, intake, vault, outside):
    senders = [threading.Thread(target=some_answers(named, intake, vault).send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(outside.replies) == 1


def test_a_board_that_the_county_no_longer_names_gets_no_answer(answered, named, intake, vault, outside):
    some_answers(replace(named, boards=()), intake, vault).send()
    assert outside.replies == []
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT stage, failure FROM board_reply") == {"stage": "failed", "failure": "no_interface"}


def test_the_words_of_what_was_set_aside_are_forgotten_in_time_and_do_not_come_back(
    feed, named, intake, vault, clerk, outside, texts
):
    from services.intake.domain.boards import AsideReason

    feed.fetch()
    with intake.unit_of_work() as uow:
        for row in board_items.items(uow, clerk)[0]:
            board_items.set_aside(uow, row["id"], clerk, revision=1, reason=AsideReason.NO_REQUEST)
    answers = some_answers(named, intake, vault)
    answers.forget()
    assert "" not in texts()
    with intake.unit_of_work() as uow:
        uow.all("UPDATE board_item SET ended_at = %(then)s", then=uow.now - timedelta(days=31))
    answers.forget()
    assert texts() == [""] * 5
    outside.posts["6"] = "新的一件。"
    assert feed.fetch() == {"repeated": 5, "waiting": 1}
    outside.posts["1"] = "第 1 件事，请县里过问。"
    assert feed.fetch() == {"repeated": 5, "edited": 1}
    assert "第 1 件事，请县里过问。" in texts()
