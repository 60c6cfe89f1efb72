"""Posts into a real database: one row each, whatever comes how often, with their words sealed, and none lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.domain.boards import AsideReason
from services.intake.domain.retention import Retention
from services.intake.domain.submission import MatterType
from services.intake.domain.viewing import Hidden
from services.intake.handlers import board_items, looking
from services.intake.handlers.board_items import Choice
from services.intake.handlers.boards import take_posts
from services.intake.handlers.retention import erase_due
from services.intake.site import read_site
from services.intake.vault.crypto import Erased
from shared.errors import Conflict, Refused
from tests import canaries
from tests.integration.intake.board_cases import AUTHOR, WORDS, a_post, board, write_site
from tests.integration.intake.intake_cases import find

CHOICE = Choice(title="药费没有着落", matter_type=MatterType.APPEAL, category="health", place="431023104")


@pytest.fixture(scope="module")
def named(settings, tmp_path_factory):
    """The boards that the county names."""
    path = write_site(tmp_path_factory.mktemp("site"), "http://127.0.0.1:1")
    return read_site(replace(settings, service_files={"intake": path}))


@pytest.fixture
def take(intake, vault, named):
    """Take posts in, from a board by name."""

    def take(*posts, name="forum"):
        with intake.unit_of_work() as uow:
            return take_posts(uow, vault, board(named, name), posts)

    return take


@pytest.fixture
def waiting(intake, clerk):
    """The ids in a queue."""

    def waiting(queue=""):
        with intake.unit_of_work() as uow:
            return [row["id"] for row in board_items.items(uow, clerk, queue=queue)[0]]

    return waiting


@pytest.fixture
def register(intake, vault, named, clerk):
    """Register a post."""

    def register(item_id, revision=1, choice=CHOICE):
        with intake.unit_of_work() as uow:
            return board_items.register_item(
                uow, vault, item_id, clerk, revision=revision, choice=choice, board_of=lambda name: board(named, name)
            )

    return register


def read(intake, vault, clerk, item_id):
    with intake.unit_of_work() as uow:
        return board_items.read_item(uow, vault, item_id, clerk)


def test_a_post_is_one_row_however_often_it_comes(take, waiting):
    assert take(a_post()) == ["waiting"]
    assert take(a_post(), a_post(original="<b>other marks"), a_post(guid="2")) == ["repeated", "repeated", "waiting"]
    assert len(waiting()) == 2


def test_the_same_post_of_another_board_is_another_one(take, waiting):
    take(a_post())
    assert take(a_post(), name="red") == ["waiting"]


def test_without_a_name_address_and_title_tell_a_post_and_else_its_words(take):
    assert take(a_post(guid=""), a_post(guid="", text="改过")) == ["waiting", "edited"]
    assert take(a_post(guid="", url=""), a_post(guid="", url="", text="另一件")) == ["waiting", "waiting"]


def test_two_posts_under_one_name_are_both_kept_and_do_not_take_turns(take, intake, vault, clerk, waiting):
    pair = (a_post(), a_post(text="同号的另一条"))
    assert take(*pair) == ["waiting", "edited"]
    assert take(*pair) == ["repeated", "repeated"]
    [item_id] = waiting()
    assert [post.text for _, post in read(intake, vault, clerk, item_id).texts] == ["同号的另一条", WORDS]


def test_what_the_countys_words_keep_out_is_stored_nowhere(take, waiting, intake):
    assert take(a_post(title="招聘启事")) == ["passed_over"]
    assert waiting() == []
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM board_text")["n"] == 0
    assert take(a_post(guid="2")) == ["waiting"]
    assert take(a_post(guid="2", title="招聘启事")) == ["edited"]  # what is known is followed, whatever it says now


def test_a_post_without_words_waits_for_somebody_who_looks(take, waiting, register, intake, told):
    assert take(a_post(title="", text="", original="<img src=a.jpg>")) == ["unread"]
    assert waiting() == []
    [item_id] = waiting("unread")
    with pytest.raises(Refused):
        register(item_id, choice=replace(CHOICE, text=" "))
    register(item_id, choice=replace(CHOICE, text="图中写着：井水发黑。"))
    assert [name for name, _ in told()] == ["case.registered"]


def test_a_clerk_registers_a_post_once_with_all_that_it_said(take, waiting, register, intake, vault, clerk, told):
    posted = datetime.now(UTC) - timedelta(hours=2)
    take(a_post(posted_at=posted))
    [item_id] = waiting()
    case_id, again = register(item_id)
    assert not again
    assert register(item_id) == (case_id, True)
    [(name, data)] = told()
    assert (name, data["channel"], data["identity"], data["category"]) == ("case.registered", "post", "confidential", "health")
    assert data["registered_by"]["official"] == clerk.person.official
    with intake.unit_of_work() as uow:
        case, identifies = looking.open_petition(uow, case_id, clerk)
        words = looking.read_words(uow, vault, case, clerk, identifies=identifies)
        who = looking.read_masked(uow, vault, case)
    assert (words.title, words.text, who.alias) == (CHOICE.title, WORDS, "网****")
    assert words.particulars["url"] == "https://forum.example.org/t/1"
    assert words.particulars["board"] == "永兴论坛"
    assert case.received_at > posted
    assert waiting() == []


def test_a_post_without_a_handle_is_anonymous(take, waiting, register, told):
    take(a_post(author=" "))
    register(waiting()[0])
    assert told()[0][1]["identity"] == "anonymous"


def test_the_address_of_a_post_is_kept_from_readers_who_may_not_know_its_author(take, waiting, register, intake, vault, clerk):
    take(a_post())
    case_id, _ = register(waiting()[0])
    with intake.unit_of_work() as uow:
        case, _ = looking.open_petition(uow, case_id, clerk)
        words = looking.read_words(uow, vault, case, clerk, identifies=False)
    assert set(words.particulars) == {"board"}


def test_a_clerk_decides_on_the_words_that_he_read(take, waiting, register, intake, clerk):
    take(a_post())
    take(a_post(text="我改了主意。"))
    [item_id] = waiting()
    with pytest.raises(Conflict):
        register(item_id, revision=1)
    with pytest.raises(Conflict), intake.unit_of_work() as uow:
        board_items.set_aside(uow, item_id, clerk, revision=1, reason=AsideReason.NO_REQUEST)
    register(item_id, revision=2)


def test_what_an_author_writes_on_is_kept_with_the_case_and_shown(take, waiting, register, intake, vault, clerk, told):
    take(a_post())
    [item_id] = waiting()
    register(item_id)
    assert take(a_post(text="补充：药费单在我手里。")) == ["edited"]
    assert len(told()) == 1  # no second petition
    assert waiting("edited") == [item_id]
    opened = read(intake, vault, clerk, item_id)
    assert opened.item.edited_since
    assert [post.text for _, post in opened.texts] == ["补充：药费单在我手里。", WORDS]
    with pytest.raises(Conflict), intake.unit_of_work() as uow:
        board_items.note_read(uow, item_id, clerk, revision=1)
    with intake.unit_of_work() as uow:
        board_items.note_read(uow, item_id, clerk, revision=2)
    assert waiting("edited") == []


def test_what_was_set_aside_waits_again_when_its_author_writes_on_or_a_clerk_thinks_better(take, waiting, intake, clerk):
    take(a_post())
    [item_id] = waiting()
    for _ in range(2):
        with intake.unit_of_work() as uow:
            board_items.set_aside(uow, item_id, clerk, revision=1, reason=AsideReason.NO_REQUEST)
    assert (waiting(), waiting("aside"), take(a_post())) == ([], [item_id], ["repeated"])
    for _ in range(2):
        with intake.unit_of_work() as uow:
            board_items.take_up(uow, item_id, clerk)
    assert waiting() == [item_id]
    with intake.unit_of_work() as uow:
        board_items.set_aside(uow, item_id, clerk, revision=1, reason=AsideReason.NOT_OURS)
    assert take(a_post(text="请县里过问。")) == ["edited"]
    assert waiting() == [item_id]


def test_a_board_for_petitions_alone_needs_no_clerk(take, waiting, told, intake):
    assert take(a_post(), a_post(guid="2", title="", text=""), name="letters") == ["registered", "unread"]
    assert take(a_post(), name="letters") == ["repeated"]
    [(name, data)] = told()
    assert (name, data["registered_by"]) == ("case.registered", None)
    assert waiting() == []
    assert len(waiting("unread")) == 1


def test_nothing_of_a_post_stands_in_the_clear(take, register, settings, intake, clerk):
    take(a_post(), a_post(guid="2-" + AUTHOR))
    take(a_post(guid="3"), name="letters")
    take(a_post(text=WORDS + "改"))
    with intake.unit_of_work() as uow:
        edited, other = sorted(board_items.items(uow, clerk)[0], key=lambda row: -row["revision"])
    register(edited["id"], revision=2)
    with intake.unit_of_work() as uow:
        board_items.set_aside(uow, other["id"], clerk, revision=1, reason=AsideReason.DUPLICATE)
    for canary in (AUTHOR, canaries.TEXT, "forum.example.org"):
        assert find(settings, canary) == []
        assert find(settings, canary.encode().hex()) == []


def test_whoever_is_barred_from_the_case_finds_no_post_either(take, waiting, register, intake, vault, clerk, hear):
    take(a_post())
    [item_id] = waiting()
    case_id, _ = register(item_id)
    take(a_post(text="改过"))
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    with pytest.raises(Hidden):
        read(intake, vault, clerk, item_id)
    assert waiting("edited") == []
    with intake.unit_of_work() as uow:
        assert board_items.counts(uow, clerk)["edited"] == 0


def test_each_look_at_a_post_is_logged(take, waiting, intake, vault, clerk):
    take(a_post())
    [item_id] = waiting()
    read(intake, vault, clerk, item_id)
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT what, purpose, official FROM look") == {
            "what": "text", "purpose": "board", "official": clerk.person.official,
        }  # fmt: skip


def test_when_a_cases_time_is_over_its_posts_are_gone_and_an_edit_hurts_nobody(take, waiting, register, intake, vault, clerk):
    take(a_post())
    [item_id] = waiting()
    case_id, _ = register(item_id)
    with intake.unit_of_work() as uow:
        uow.all("UPDATE petition SET archived_at = now() - interval '30 years' WHERE id = %(id)s", id=case_id)
    _archive(intake, case_id)
    with intake.unit_of_work() as uow:
        assert erase_due(uow, Retention()) == 1
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT sum(length(bytes)) AS n FROM board_text")["n"] == 0
    with pytest.raises(Erased):
        read(intake, vault, clerk, item_id)
    assert take(a_post(text="多年以后"), a_post(guid="2")) == ["edited", "waiting"]
    assert take(a_post(text="多年以后")) == ["repeated"]
    assert waiting("edited") == []


def _archive(intake, case_id):
    with intake.unit_of_work() as uow:
        for stage in ("withdrawn", "closed", "archived"):
            uow.all("UPDATE petition SET stage = %(stage)s WHERE id = %(id)s", stage=stage, id=case_id)


def test_many_posts_at_once_are_taken_in_sets(take, waiting, intake):
    posts = [a_post(guid=str(n), text=f"第 {n} 件事") for n in range(1000)]
    begun = datetime.now(UTC)
    assert set(take(*posts)) == {"waiting"}
    assert set(take(*posts)) == {"repeated"}
    assert datetime.now(UTC) - begun < timedelta(seconds=15)
