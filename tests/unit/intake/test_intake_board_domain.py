"""Posts, boards and replies as the domain sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.domain import boards, replies
from services.intake.domain.boards import CUT, MOST_REVISIONS, AsideReason, BoardItem, BoardState, Post
from services.intake.domain.replies import BoardReply
from services.intake.domain.submission import LONGEST_TEXT, LONGEST_TITLE, MatterType, Petitioner
from services.intake.workflow import BoardItemStage, BoardReplyStage, Stage
from shared.errors import Conflict, Refused
from shared.tries import RETRIES
from tests.unit.intake.intake_builders import CASE, CLERK, NOW, a_petition

HOUR = timedelta(hours=1)


def an_item(**changes: Any) -> BoardItem:
    given: dict[str, Any] = {
        "id": CASE, "board": "forum", "stage": BoardItemStage.WAITING, "reason": "", "posted_at": None, "first_seen_at": NOW,
        "revision": 1, "read_revision": 0, "data_key": b"key",
    }  # fmt: skip
    return BoardItem(**given | changes)


def a_reply(**changes: Any) -> BoardReply:
    given: dict[str, Any] = {
        "id": CASE, "case_id": CASE, "item_id": CASE, "board": "forum", "round": 1, "stage": BoardReplyStage.WAITING,
        "text": "已取缔。", "approved_by": CLERK, "approved_at": NOW, "attempts": 1, "next_attempt_at": NOW,
    }  # fmt: skip
    return BoardReply(**given | changes)


def a_board(**changes: Any) -> BoardState:
    return replace(boards.fresh("forum", NOW), **changes)


# -- posts ---------------------------------------------------------------------------------------------------------------


def test_a_post_is_known_by_the_boards_name_for_it_whatever_its_author_changes():
    assert Post(guid="7", title="一", text="甲").identity == Post(guid="7", title="二", text="乙").identity
    assert Post(guid="7").identity != Post(guid="8").identity


def test_without_a_name_the_address_and_the_title_count_and_without_those_the_words():
    one = Post(url="https://forum.example/1", title="一", text="甲")
    assert one.identity == replace(one, text="乙").identity
    assert one.identity != replace(one, title="二").identity
    assert Post(title="一", text="甲").identity != Post(title="一", text="乙").identity


def test_the_same_words_with_other_blanks_are_no_edit():
    assert Post(title="一", text="甲  乙\n丙").words == Post(title="一", text="甲 乙 丙 ").words
    assert Post(title="一", text="甲", original="<p>甲").words == Post(title="一", text="甲", original="<b>甲").words
    broken = Post(fault="broken", original="甲")
    assert broken.words != replace(broken, original="乙").words


def test_a_post_without_title_is_headed_by_its_text_and_one_without_text_says_its_title():
    assert Post(text="井水发黑，请书记过问。\n第二行").heading == "井水发黑，请书记过问。"
    assert Post(title="题" * 300, text="x").heading == "题" * LONGEST_TITLE
    assert Post(title="井水发黑", text=" \n").body == "井水发黑"


def test_a_text_that_is_too_long_is_cut_and_says_so():
    body = Post(title="长", text="水" * (LONGEST_TEXT + 1)).body
    assert len(body) == LONGEST_TEXT
    assert body.endswith(CUT)
    assert Post(text="水" * LONGEST_TEXT).body == "水" * LONGEST_TEXT


def test_what_has_no_words_or_a_fault_is_for_a_clerk_to_make_out():
    assert boards.why_unread(Post(guid="1")) == "no_text"
    assert boards.why_unread(Post(guid="1", text=" ")) == "no_text"
    assert boards.why_unread(Post(fault="broken", title="一")) == "broken"
    assert boards.why_unread(Post(title="一")) == ""


def test_the_countys_words_let_posts_in_and_keep_them_out():
    post = Post(title="永兴县", text="Water is BLACK")
    assert boards.wanted(post, (), ())
    assert boards.wanted(post, ("黑", "black"), ())
    assert not boards.wanted(post, ("招聘",), ())
    assert not boards.wanted(post, ("永兴",), ("Black",))
    assert boards.wanted(Post(guid="1"), ("永兴",), ())  # nobody can say what it says


@pytest.mark.parametrize("posted", [None, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), NOW + HOUR])
def test_a_date_that_cannot_be_is_left_out(posted):
    assert boards.plausible(posted, NOW) is None
    assert boards.plausible(NOW - HOUR, NOW) == NOW - HOUR


# -- items ---------------------------------------------------------------------------------------------------------------


def test_an_edit_counts_and_what_was_set_aside_waits_again():
    assert boards.revise(an_item(), "").revision == 2
    aside = boards.set_aside(an_item(), reason=AsideReason.NO_REQUEST, by=CLERK, now=NOW)
    assert (aside.stage, aside.set_aside_for, aside.ended_by, aside.read_revision) == ("aside", "no_request", CLERK, 1)
    again = boards.revise(aside, "no_text")
    assert (again.stage, again.reason, again.set_aside_for, again.ended_by, again.ended_at) == (
        "waiting",
        "no_text",
        None,
        None,
        None,
    )


def test_an_edit_of_a_petition_is_shown_until_a_clerk_has_read_it():
    case = boards.register(an_item(), case_id=CASE, by=CLERK, now=NOW)
    assert (case.stage, case.case_id, case.data_key, case.ended_by, case.ended_at) == ("registered", CASE, b"", CLERK, NOW)
    assert not case.edited_since
    edited = boards.revise(case, "")
    assert edited.stage == "registered"
    assert edited.edited_since
    assert not boards.note_read(edited).edited_since
    assert not an_item(revision=2).edited_since


def test_after_too_many_edits_the_last_one_is_another_one():
    case = an_item(stage=BoardItemStage.REGISTERED, revision=MOST_REVISIONS, read_revision=MOST_REVISIONS)
    changed = boards.revise(case, "")
    assert changed.revision == MOST_REVISIONS
    assert changed.edited_since
    assert boards.revise(an_item(revision=MOST_REVISIONS), "").read_revision == 0


def test_a_clerk_decides_on_what_he_read():
    boards.check_revision(an_item(revision=2), 2)
    with pytest.raises(Conflict):
        boards.check_revision(an_item(revision=2), 1)


def test_what_was_set_aside_is_taken_up_while_its_words_are_there():
    aside = boards.set_aside(an_item(), reason=AsideReason.DUPLICATE, by=CLERK, now=NOW)
    assert boards.take_up(aside) == replace(an_item(), read_revision=1)
    with pytest.raises(Conflict):
        boards.take_up(replace(aside, data_key=b""))


# -- boards --------------------------------------------------------------------------------------------------------------


def test_a_new_board_is_due_at_once():
    assert boards.fresh("forum", NOW).next_fetch_at == NOW


def test_after_a_success_nothing_is_left_of_the_failures():
    failing = a_board(failures=3, failing_since=NOW - HOUR, failure="too_slow")
    well = boards.succeeded(failing, now=NOW, every=HOUR, address=b"a", etag='"1"', last_modified="", passed_over=4)
    assert (well.failures, well.failing_since, well.failure, well.succeeded_at) == (0, None, "", NOW)
    assert (well.next_fetch_at, well.etag, well.address, well.passed_over) == (NOW + HOUR, '"1"', b"a", 4)
    assert boards.called(failing, NOW).failures == 0
    assert boards.called(failing, NOW).succeeded_at == NOW


def test_a_board_that_fails_is_asked_later_each_time_and_the_first_failure_is_remembered():
    state, waits = a_board(), []
    for n in range(9):
        at = NOW + n * HOUR
        state = boards.failed(state, code="too_slow", now=at, every=timedelta(minutes=15), retry_after=0)
        waits.append((state.next_fetch_at - at) // timedelta(minutes=15))
    assert waits == [1, 2, 4, 8, 16, 24, 24, 24, 24]
    assert (state.failing_since, state.failures, state.failure) == (NOW, 9, "too_slow")
    daily = boards.failed(a_board(failures=5), code="x", now=NOW, every=24 * HOUR, retry_after=0)
    assert daily.next_fetch_at == NOW + 24 * HOUR


def test_a_server_is_not_asked_before_it_said():
    state = boards.failed(a_board(), code="busy", now=NOW, every=timedelta(minutes=15), retry_after=7200)
    assert state.next_fetch_at == NOW + 2 * HOUR


# -- replies -------------------------------------------------------------------------------------------------------------

ANSWERED = a_petition(stage=Stage.CONCLUDED, concluded_at=NOW, round=1, answer="已取缔。")
WHO = Petitioner(name="陈十里", alias="多说无益", phone="0735-5522110", address="十里洞七组")


def test_a_reply_may_say_the_answer_and_the_handle_above_it():
    replies.check_words("多说无益网友：造纸厂已取缔，热线 0735-12345。", WHO)


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "字" * 5001,
        "陈十里您好",
        "请打 13873512345",
        "请打 +86 139-9999-9999",
        "证件 43012319800101876x",
        "十里洞七组的井",
        "回电0735-5522110",
    ],
)
def test_a_reply_that_everybody_may_not_read_is_refused(text):
    with pytest.raises(Refused) as refused:
        replies.check_words(text, WHO)
    assert refused.value.field == "reply"


def test_nor_names_anybody_of_a_linked_petition() -> None:
    with pytest.raises(Refused):
        replies.check_words("李梅网友：造纸厂已取缔。", WHO, ("李梅",))


NOT_PUBLIC = (
    a_petition(), replace(ANSWERED, stage=Stage.WITHDRAWN), replace(ANSWERED, concluded_at=None), replace(ANSWERED, withdrawn_at=NOW),
    replace(ANSWERED, conflict_set_at=NOW), replace(ANSWERED, matter_type=MatterType.ACCUSATION),
)  # fmt: skip


@pytest.mark.parametrize("case", NOT_PUBLIC)
def test_nothing_is_posted_before_there_is_an_answer_nor_of_a_case_that_is_not_public(case):
    with pytest.raises(Conflict):
        replies.check_case(case, barred=False)
    assert not replies.fits(a_reply(), case, barred=False)


def test_nothing_is_posted_of_a_case_that_anybody_is_barred_from_or_of_an_earlier_round():
    assert replies.fits(a_reply(), ANSWERED, barred=False)
    assert not replies.fits(a_reply(), ANSWERED, barred=True)
    assert not replies.fits(a_reply(), replace(ANSWERED, round=2), barred=False)


def test_a_reply_is_one_senders_until_he_has_had_his_time():
    assert replies.is_due(a_reply(next_attempt_at=NOW), NOW)
    assert not replies.is_due(a_reply(next_attempt_at=None), NOW)
    assert not replies.is_due(a_reply(stage=BoardReplyStage.FAILED, next_attempt_at=NOW), NOW)
    claimed = replies.claimed(a_reply(next_attempt_at=NOW), NOW)
    assert (claimed.attempts, claimed.next_attempt_at) == (a_reply().attempts + 1, NOW + timedelta(minutes=5))
    assert not replies.is_due(claimed, NOW)


def test_a_reply_that_went_says_where_it_stands():
    went = replies.reply_went(a_reply(failure="busy"), NOW, b"link")
    assert (went.stage, went.link, went.ended_at, went.next_attempt_at, went.failure) == ("sent", b"link", NOW, None, "")


def test_a_reply_that_is_stuck_is_tried_again_until_it_is_given_up():
    for attempts, pause in enumerate(RETRIES, 1):
        stuck = replies.reply_stuck(a_reply(attempts=attempts), NOW, "busy 503", for_good=False)
        assert (stuck.stage, stuck.next_attempt_at, stuck.failure) == ("waiting", NOW + pause, "busy 503")
    for last in (
        replies.reply_stuck(a_reply(attempts=len(RETRIES) + 1), NOW, "busy", for_good=False),
        replies.reply_stuck(a_reply(), NOW, "refused 404", for_good=True),
    ):
        assert (last.stage, last.next_attempt_at, last.ended_at) == ("failed", None, NOW)
        anew = replies.send_anew(last, NOW + HOUR)
        assert (anew.stage, anew.attempts, anew.next_attempt_at, anew.ended_at) == ("waiting", 0, NOW + HOUR, None)


def test_a_clerk_posts_by_hand_what_the_board_does_not_take():
    for stage in (BoardReplyStage.BY_HAND, BoardReplyStage.FAILED):
        posted = replies.posted_by_hand(a_reply(stage=stage), link=b"link", by=CLERK, now=NOW)
        assert (posted.stage, posted.link, posted.ended_by) == ("posted", b"link", CLERK)
    with pytest.raises(Conflict):
        replies.posted_by_hand(a_reply(), link=b"", by=CLERK, now=NOW)


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [
        ("井水发黑", "x", "井水发黑"), ("", " 第一行 \n第二行", "第一行 "), ("", "", ""), ("长" * 99, "", "长" * 30),
        ("我是阿牛，电话１３８ 7351-2345", "", "我是＊＊，电话＊＊＊＊＊＊"), ("长" * 25 + "13873512345", "", "长" * 25 + "＊" * 5),
        ("身份证431023197001011234", "", "身份证＊＊＊＊＊＊"),
    ],
)  # fmt: skip
def test_a_list_shows_how_a_post_begins_without_its_author_and_anybodys_number(title: str, text: str, shown: str) -> None:
    assert boards.first_words(Post(title=title, text=text, author="阿牛")) == shown
