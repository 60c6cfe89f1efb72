"""The answer to a petition that began on a board, back under its post: once, signed, tried again; and what is forgotten."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.domain.boards import AsideReason
from services.intake.domain.retention import Retention
from services.intake.domain.submission import MatterType
from services.intake.handlers import board_items, board_replies
from services.intake.handlers.board_items import Choice
from services.intake.handlers.retention import erase_due
from services.intake.vault.signed import check_signature
from shared.errors import Conflict
from shared.signed import HEADER, addressed
from tests.integration.intake.board_cases import REPLY_SECRET, board, some_answers
from tests.integration.intake.intake_cases import concluded

CHOICE = Choice(title="药费", matter_type=MatterType.APPEAL, category="", place="")


@pytest.fixture
def answer(feed, named, intake, vault, clerk, hear):
    """A petition from the forum, concluded; its id."""

    def answer(choice=CHOICE):
        feed.fetch()
        with intake.unit_of_work() as uow:
            [first, *_] = [row["id"] for row in board_items.items(uow, clerk)[0]]
            case_id, _ = board_items.register_item(
                uow, vault, first, clerk, revision=1, choice=choice, board_of=lambda name: board(named, name)
            )
        hear("case.concluded", case_id, concluded())
        return case_id

    return answer


@pytest.fixture
def answered(answer, approve):
    """A petition from the forum, concluded, with its answer approved for posting."""
    case_id = answer()
    approve(case_id)
    return case_id


@pytest.fixture
def approve(intake, vault, clerk):
    def approve(case_id):
        with intake.unit_of_work() as uow:
            board_replies.approve(uow, vault, case_id, clerk, text="造纸厂已取缔。", sends=lambda name: True)

    return approve


def bar_somebody(hear, case_id):
    hear("case.barred", case_id, {"organisations": [], "officials": ["o-accused"], "barred_at": "2016-11-07T00:00:00Z"})


def test_the_answer_to_an_accusation_or_to_a_case_that_somebody_is_barred_from_is_not_approved(answer, approve, hear):
    with pytest.raises(Conflict, match="检举控告"):
        approve(answer(replace(CHOICE, matter_type=MatterType.ACCUSATION)))
    barred = answer()
    bar_somebody(hear, barred)
    with pytest.raises(Conflict, match="回避人员"):
        approve(barred)


def reopen(hear, case_id):
    hear("case.reopened", case_id, {"round": 2, "cause": "dissatisfied", "reopened_at": "2016-11-22T03:00:00.000Z"})


@pytest.mark.parametrize("change", [bar_somebody, reopen])
def test_an_answer_that_no_longer_fits_its_case_is_given_up_unsent(
    answered, named, intake, vault, clerk, outside, told, hear, change
):
    change(hear, answered)
    assert some_answers(named, intake, vault).send() == 0
    assert outside.replies == []
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT stage, failure FROM board_reply") == {"stage": "failed", "failure": "unfit"}
    assert told()[-1][0] == "message.failed"
    with pytest.raises(Conflict), intake.unit_of_work() as uow:
        board_replies.send_anew(uow, answered, clerk)


def test_an_answer_is_claimed_only_when_its_turn_comes(answered, answer, approve, named, intake, vault, outside):
    approve(answer())
    left: list[int] = []

    def look():
        with intake.unit_of_work() as uow:
            left.append(uow.one("SELECT count(*) AS n FROM board_reply WHERE attempts = 0")["n"])

    outside.replying = look
    assert some_answers(named, intake, vault).send() == 2
    assert left == [1, 0]


def test_a_secret_that_was_changed_signs_at_once_and_one_that_is_missing_makes_the_answer_wait(
    answered, named, intake, vault, outside
):
    answers = some_answers(named, intake, vault)
    reply = board(named).reply
    assert reply
    [file] = reply.secrets.files
    file.rename(file.with_suffix(".away"))
    answers.send()
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT stage, failure FROM board_reply") == {"stage": "waiting", "failure": "no_secret"}
        uow.all("UPDATE board_reply SET next_attempt_at = %(now)s", now=uow.now)
    assert outside.replies == []
    file.write_bytes(b"another-secret-that-signs-our-replies")
    answers.send()
    [(headers, body)] = outside.replies
    check_signature(headers[HEADER.lower()], addressed("/reply", body), [file.read_bytes()], datetime.now(UTC))


def test_the_answer_goes_back_under_its_post_once_and_signed(answered, named, intake, vault, clerk, outside, told):
    answers = some_answers(named, intake, vault)
    assert (answers.send(), answers.send()) == (1, 0)
    [(headers, body)] = outside.replies
    said = json.loads(body)
    assert said["text"] == "造纸厂已取缔。"
    assert (said["office"], said["url"]) == ("永兴县", f"{outside.address}/t/{said['item']}")
    assert headers["idempotency-key"] == said["reply"]
    check_signature(headers[HEADER.lower()], addressed("/reply", body), [REPLY_SECRET], datetime.now(UTC))
    assert "431023-" not in body.decode()  # under a post with its author's handle no case's number stands
    with intake.unit_of_work() as uow:
        desk = board_replies.desk(uow, vault, answered, clerk)
    assert desk.reply is not None
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


def test_the_words_of_a_board_that_is_no_longer_named_are_forgotten_in_a_year(feed, intake, clerk, texts):
    feed.fetch()
    with intake.unit_of_work() as uow:
        for row in board_items.items(uow, clerk)[0]:
            board_items.set_aside(uow, row["id"], clerk, revision=1, reason=AsideReason.NO_REQUEST)
        uow.all("UPDATE board_item SET board = 'gone', ended_at = %(then)s", then=uow.now - timedelta(days=364))
    with intake.unit_of_work() as uow:
        erase_due(uow, Retention())
        uow.all("UPDATE board_item SET ended_at = %(then)s", then=uow.now - timedelta(days=367))
    assert "" not in texts()
    with intake.unit_of_work() as uow:
        erase_due(uow, Retention())
    assert texts() == [""] * 5
