"""A one-case link: it cannot be guessed, serves one case and one round once, expires, and opening it uses nothing up."""

from __future__ import annotations

import re
import secrets
import threading
from email import message_from_bytes, policy
from uuid import uuid4

import pytest

from services.intake.channels import sending
from services.intake.channels.composing import Writer
from services.intake.handlers import rating
from services.intake.store import SQL
from tests.integration.intake.intake_cases import concluded, find, post
from tests.integration.intake.mail_server import MailServer, post_to
from tests.integration.intake.rating_cases import Asked, due, now

ADDRESS = "https://yongxing.example/track"
GOOD = {"settled": "true", "satisfied": "true"}


@pytest.fixture
def asked(browse, hear, intake) -> Asked:
    return Asked(browse(), hear, intake)


def mailed(asked: Asked, vault) -> str:
    """The token that stands in the mail."""
    params = {"round": 1, "manner": "email"}
    asked.hear("message.requested", asked.case_id, {"message_id": str(uuid4()), "template": "followup_due", "params": params})
    with MailServer() as server:
        sending.send_all(asked.intake, 10, writer=Writer(vault=vault, address=ADDRESS), carrier=post_to(server.port))
    texts = [message_from_bytes(raw, policy=policy.default).get_content() for raw in server.got]
    [token] = [found for text in texts for found in re.findall(r"https://yongxing\.example/rate/(\S+)", text)]
    return token


def answers(told) -> list[dict]:
    return [data for name, data in told() if name == "petitioner.answered"]


def send(asked: Asked, token: str, **data: str):
    return post(asked.client, "/rate", {"token": token, **GOOD, **data})


def test_the_link_in_the_mail_answers_once_and_tells_that_it_came_by_mail(asked, vault, told, settings):
    token = mailed(asked, vault)
    assert len(token) >= 43  # 256 bits
    assert find(settings, token) == []
    page = asked.client.get(f"/rate/{token}")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "井水发黑" not in page.text  # whoever finds the link learns a number, and nothing of what it is about
    assert asked.client.get(f"/rate/{token}").status_code == 200  # a mail program may have opened it first
    assert "谢谢" in send(asked, token).text
    assert [(each["round"], each["medium"]) for each in answers(told)] == [(1, "email")]
    for again in (send(asked, token), asked.client.get(f"/rate/{token}")):
        assert again.status_code == 404
    assert len(answers(told)) == 1


def test_a_mistake_in_the_form_uses_nothing_up(asked, vault, told):
    token = mailed(asked, vault)
    wrong = post(asked.client, "/rate", {"token": token, "settled": "true"})
    assert wrong.status_code == 422
    assert token in wrong.text
    assert send(asked, token, words="字" * 2001).status_code == 422
    assert send(asked, token).status_code == 200
    assert len(answers(told)) == 1


@pytest.mark.parametrize("token", ["x", "0" * 43, "", "../track", "a" * 101, "%00"])
def test_a_guess_finds_nothing_and_reads_like_a_link_that_was_used(asked, told, token):
    assert send(asked, token or " ").status_code in (404, 422)
    assert answers(told) == []


def test_guesses_are_told_in_the_same_words_as_used_and_expired_links(asked, vault):
    token = mailed(asked, vault)
    guess = asked.client.get(f"/rate/{secrets.token_urlsafe(32)}").text
    asked.rows("UPDATE rating_link SET expires_at = made_at RETURNING 1 AS x")
    expired = asked.client.get(f"/rate/{token}").text

    def bare(text: str) -> str:
        return re.sub(r'value="[^"]*"|/rate/[\w-]+|<code>\w+</code>', "", text)

    assert bare(guess) == bare(expired)
    assert send(asked, token).status_code == 404


def test_a_link_serves_no_other_case_and_no_other_round_whatever_the_form_says(asked, browse, hear, intake, vault, told):
    token = mailed(asked, vault)
    other = Asked(browse(), hear, intake)
    # The form of the link names neither; what is slipped in is not read.
    sent = post(other.client, "/rate", {"token": token, "round": "9", "number": other.number, "code": other.code, **GOOD})
    assert sent.status_code == 200
    assert asked.number in sent.text
    assert [each["round"] for each in answers(told)] == [1]
    assert other.rows("SELECT answered_at FROM follow_up WHERE case_id = %(c)s", c=other.case_id) == [{"answered_at": None}]


def test_a_link_of_an_earlier_round_serves_no_later_one(asked, vault, told):
    token = mailed(asked, vault)
    asked.hear("case.reopened", asked.case_id, {"round": 2, "cause": "dissatisfied", "reopened_at": now()})
    asked.hear("case.concluded", asked.case_id, concluded(2))
    asked.hear("followup.due", asked.case_id, due(2))
    assert asked.client.get(f"/rate/{token}").status_code == 404
    assert send(asked, token).status_code == 404
    assert answers(told) == []


def test_after_the_round_was_answered_on_the_tracking_page_or_recorded_by_staff_the_link_is_dead(
    asked, browse, hear, intake, vault, told
):
    token = mailed(asked, vault)
    asked.send("answer", **GOOD)
    assert send(asked, token).status_code == 404
    other = Asked(browse(), hear, intake)
    token = mailed(other, vault)
    other.recorded()
    assert send(other, token).status_code == 404
    assert len(answers(told)) == 1


def test_after_the_case_was_closed_by_a_decision_the_link_is_dead(asked, vault, told):
    token = mailed(asked, vault)
    asked.closed("decision", 1, authority="领导小组第5次会议", reasons="诉求没有法律依据。")
    assert asked.client.get(f"/rate/{token}").status_code == 404
    assert send(asked, token).status_code == 404
    assert answers(told) == []


def test_two_who_send_the_link_at_once_make_one_answer(asked, vault, told, browse):
    token, start, statuses = mailed(asked, vault), threading.Barrier(4), []
    clients = [browse() for _ in range(4)]
    forms = [client.get("/track") for client in clients]

    def run(client, form) -> None:
        csrf = re.findall(r'name="csrf_token" value="([^"]+)"', form.text)[0]
        start.wait()
        statuses.append(client.post("/rate", data={"token": token, **GOOD, "csrf_token": csrf}).status_code)

    threads = [threading.Thread(target=run, args=pair) for pair in zip(clients, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 404, 404, 404]
    assert len(answers(told)) == 1


def test_without_an_address_a_page_or_a_waiting_question_no_link_is_made(asked, vault):
    params = {"round": 1, "manner": "email"}
    asked.hear("message.requested", asked.case_id, {"message_id": str(uuid4()), "template": "followup_due", "params": params})
    with MailServer() as server:
        sending.send_all(asked.intake, 10, writer=Writer(vault=vault), carrier=post_to(server.port))
        assert all(b"/rate/" not in raw for raw in server.got)
    with asked.intake.unit_of_work() as uow:
        assert rating.make_link(uow, asked.case_id, 9) == ""
    assert asked.rows("SELECT count(*) AS n FROM rating_link") == [{"n": 0}]


# -- the promises can fail -------------------------------------------------------------------------------------------
def test_a_link_that_were_not_used_up_would_be_noticed(asked, vault, told, monkeypatch):
    token = mailed(asked, vault)
    monkeypatch.setitem(SQL, "use_rating_link", SQL["rating_link"])  # looks, and does not mark
    send(asked, token)
    assert asked.rows("SELECT used_at FROM rating_link") == [{"used_at": None}]


def test_a_link_that_named_its_round_in_the_form_would_be_noticed(asked, vault, told, monkeypatch):
    token = mailed(asked, vault)
    monkeypatch.setattr(rating, "replace", lambda value, **changes: value)  # the form's round is taken
    monkeypatch.setattr("services.intake.web.rating.ROUND_OF_LINK", 9)
    assert send(asked, token).status_code == 409
    assert answers(told) == []
