"""Which addresses and Message-IDs name a case; numbers never do. How far a mail box is read."""

from __future__ import annotations

import os
from datetime import timedelta
from uuid import uuid4

import pytest

from services.intake.domain import mailbox, threads
from services.intake.domain.mailbox import Mailbox
from services.intake.domain.threads import TAG_LENGTH, Kind
from services.intake.vault.crypto import Vault
from tests.unit.intake.intake_builders import CASE, CLERK, NOW

LATER = NOW + timedelta(days=1)
TAG = "7k2m9qxb4hjkmnpqrstvwxyz01"


@pytest.fixture
def vault() -> Vault:
    return Vault(os.urandom(32))


@pytest.mark.parametrize("delimiter", ["+", "-", "="])
def test_a_tag_is_found_again_in_the_address_that_bears_it(vault, delimiter):
    tag = vault.tag("answer", CASE)
    address = threads.tagged("letters@yongxing.example", tag, delimiter)
    assert len(tag) == TAG_LENGTH
    assert threads.tags(["a@example.org", address.upper()]) == (tag,)
    assert threads.plain(f" {address.upper()} ") == "letters@yongxing.example"
    assert threads.plain("Other+Name@Example.org") == "other+name@example.org"


def test_tags_differ_by_case_kind_and_master_key(vault):
    assert (
        len(
            {
                vault.tag("answer", CASE),
                vault.tag("bounce", CASE),
                vault.tag("answer", uuid4()),
                Vault(b"x" * 32).tag("answer", CASE),
            }
        )
        == 4
    )
    assert vault.tag("answer", CASE) == vault.tag("answer", CASE)


@pytest.mark.parametrize(
    "address",
    ["letters@yongxing.example", "letters+431023-2016-000001@yongxing.example", f"{TAG}@yongxing.example", f"letters+{TAG}x@y.example",
     f"letters+{TAG[:-1]}@y.example", f"letters+{TAG[:-1]}u@y.example", f"letters+{TAG}"],
)  # fmt: skip
def test_what_is_no_tag_names_no_case(address):
    assert threads.tags([address]) == ()


def test_message_ids_of_ours_are_told_by_their_form():
    mine = uuid4()
    ids = [f"<{mine}@yongxing.example>", "<abc@example.org>", f"{mine}", f"<{mine}>", "<>", f" <{str(mine).upper()}@x> "]
    assert threads.messages_of_ours(ids) == (mine, mine)


@pytest.mark.parametrize(
    ("title", "numbers"),
    [
        ("关于 431023-2016-000123 的补充", ("431023-2016-000123",)),
        ("Re: 431023104-2016-1234567：还有", ("431023104-2016-1234567",)),
        ("431023-2016-000001 431023-2016-000002 431023-2016-000001", ("431023-2016-000001", "431023-2016-000002")),
        ("电话 0735-5522-123456 不是编号", ()), ("1431023-2016-000123-9", ()), ("没有编号", ()),
    ],
)  # fmt: skip
def test_a_title_mentions_the_numbers_that_it_names(title, numbers):
    assert threads.mentioned(title) == numbers


def test_a_mail_waits_for_a_clerk_until_one_has_read_it_and_that_one_stays_named():
    mail = threads.arrive(id=uuid4(), case_id=CASE, key=uuid4(), kind=Kind.ANSWER, stranger=False, size=9, news=True, now=NOW)
    assert mail.seen_at is None
    seen = threads.see(mail, by=CLERK, now=LATER)
    assert (seen.seen_at, seen.seen_by) == (LATER, CLERK)
    assert threads.see(seen, by=CLERK, now=LATER + timedelta(days=1)) == seen


def test_what_is_no_news_waits_for_nobody():
    mail = threads.arrive(id=uuid4(), case_id=CASE, key=uuid4(), kind=Kind.AUTOMATIC, stranger=False, size=9, news=False, now=NOW)
    assert (mail.seen_at, mail.seen_by) == (NOW, None)


def a_box(uid: int = 7, uidvalidity: int = 1) -> Mailbox:
    return Mailbox(account="letters", folder="INBOX", uidvalidity=uidvalidity, uid=uid)


def test_a_box_goes_on_where_it_was_and_begins_anew_under_other_numbers():
    assert mailbox.at(a_box(), "letters", "INBOX", 1) == a_box()
    assert mailbox.at(a_box(), "letters", "INBOX", 2) == a_box(0, 2)
    assert mailbox.at(None, "letters", "INBOX", 2) == a_box(0, 2)


@pytest.mark.parametrize(("uid", "then"), [(8, 8), (3, 7)])
def test_the_place_to_go_on_from_never_goes_back(uid, then):
    box, seen = mailbox.take(a_box(), uid, "registered", NOW)
    assert box.uid == then
    assert (seen.uid, seen.taken_at, seen.flagged_at) == (uid, NOW, None)


def test_a_mail_is_flagged_once():
    _, seen = mailbox.take(a_box(), 8, "registered", NOW)
    flagged = mailbox.flag(seen, LATER)
    assert flagged.flagged_at == LATER
    assert mailbox.flag(flagged, LATER + timedelta(days=1)) == flagged
