"""Policy of intake: what may be submitted, what happens to a petition, who may look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain import messages, petition, viewing
from services.intake.domain.submission import Identity, Petitioner, check
from services.intake.domain.viewing import Tie
from services.intake.workflow import MessageStage, Stage, UnreadStage
from shared.errors import Conflict, Forbidden, NotYet, Refused
from tests.unit.intake.intake_builders import CASE, CLERK, NOW, a_petition, a_submission, a_viewer

LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"), ({"title": "长" * 201}, "title"), ({"text": "　"}, "text"), ({"text": "长" * 100_001}, "text"),
        ({"petitioner": Petitioner()}, "name"),
        ({"identity": Identity.CONFIDENTIAL, "petitioner": Petitioner()}, "name"),
        ({"identity": Identity.ANONYMOUS}, "identity"),
        ({"identity": Identity.ANONYMOUS, "petitioner": Petitioner(id_number="430123198001018765")}, "identity"),
        ({"group_size": 0}, "group_size"),
        ({"group_size": 9, "petitioner": Petitioner(name="甲", representatives=tuple("甲乙丙丁戊己"))}, "representatives"),
        ({"group_size": 2, "petitioner": Petitioner(name="甲", representatives=("甲", "乙", "丙"))}, "representatives"),
        ({"received_at": NOW + timedelta(hours=1)}, "received_at"),
        ({"received_at": NOW - timedelta(days=4000)}, "received_at"),
    ],
)  # fmt: skip
def test_a_submission_that_breaks_a_rule_is_refused_by_the_field(changes, field):
    with pytest.raises(Refused) as refusal:
        check(a_submission(**changes), NOW)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"title": "长" * 200}, {"received_at": NOW}, {"received_at": NOW - timedelta(days=3660)},
        {"identity": Identity.CONFIDENTIAL, "petitioner": Petitioner(email="a@example.org")},
        {"identity": Identity.ANONYMOUS, "petitioner": Petitioner(alias="多说无益", email="a@example.org")},
        {"group_size": 30, "petitioner": Petitioner(name="甲", representatives=tuple("甲乙丙丁戊"))},
    ],
)  # fmt: skip
def test_a_submission_within_the_rules_passes(changes):
    check(a_submission(**changes), NOW)


def test_accepting_leads_on_from_registered_and_leaves_a_case_in_hand_where_it_is():
    assert (petition.accept(a_petition(), NOW).stage, petition.accept(a_petition(), NOW).accepted_at) == (Stage.ACCEPTED, NOW)
    assert petition.accept(a_petition(stage=Stage.HANDLING), NOW).stage is Stage.HANDLING
    with pytest.raises(Conflict):
        petition.accept(a_petition(stage=Stage.CLOSED), NOW)


def test_accepting_and_withdrawing_twice_change_nothing():
    accepted, withdrawn = petition.accept(a_petition(), NOW), petition.withdraw(a_petition(), NOW)
    assert petition.accept(accepted, LATER) is accepted
    assert petition.withdraw(withdrawn, LATER) is withdrawn
    with pytest.raises(Conflict):
        petition.withdraw(a_petition(stage=Stage.CONCLUDED), NOW)


def test_a_withdrawal_by_staff_keeps_who_knew_of_the_wish_and_how_and_one_in_person_names_nobody():
    wish = petition.Wish(by=CLERK, means=petition.Means.TELEPHONE, reason=petition.WithdrawalReason.SETTLED)
    by_staff, in_person = petition.withdraw(a_petition(), NOW, wish), petition.withdraw(a_petition(), NOW)
    assert (by_staff.withdrawn_by, by_staff.withdrawn_means, by_staff.withdrawn_reason) == (CLERK, "telephone", "settled")
    assert (in_person.stage, in_person.withdrawn_by, in_person.withdrawn_means) == (Stage.WITHDRAWN, None, None)
    assert petition.withdraw(in_person, LATER, wish) is in_person


def test_a_brief_is_saved_once_and_another_clerks_words_are_not_overwritten():
    words: dict[str, Any] = {
        "title": "饮水污染",
        "brief": "村民反映造纸厂排污。",
        "category": "environment",
        "place": "431023104",
    }
    saved = petition.supplement(a_petition(), **words, revision=0)
    assert (saved.title, saved.revision) == ("饮水污染", 1)
    assert petition.supplement(saved, **words, revision=0) is saved
    with pytest.raises(Conflict):
        petition.supplement(saved, **words | {"brief": "另一个人写的。"}, revision=0)
    assert petition.supplement(saved, **words | {"brief": "没有问版本。"}).revision == 2


@pytest.mark.parametrize("words", [{"title": "", "brief": "有"}, {"title": "有", "brief": " "}])
def test_a_brief_without_its_title_is_refused_and_the_other_way_round(words):
    with pytest.raises(Refused, match="brief"):
        petition.supplement(a_petition(), **words, category="other", place="")


@pytest.mark.parametrize("stage", [Stage.WITHDRAWN, Stage.ARCHIVED])
def test_nothing_is_added_to_a_withdrawn_or_archived_case(stage):
    with pytest.raises(Conflict):
        petition.supplement(a_petition(stage=stage), title="一", brief="二", category="other", place="")


def test_a_whole_life_with_two_rounds():
    case = petition.hand_over(a_petition())
    case = petition.conclude(case, round=1, outcome="explained", answer="已解释", at=NOW)
    case = petition.reopen(case, round=2)
    assert (case.stage, case.round, case.concluded_at) == (Stage.HANDLING, 2, None)
    case = petition.conclude(petition.hand_over(case), round=2, outcome="supported", answer="已取缔", at=LATER)
    case = petition.archive(petition.close(case, LATER), LATER)
    assert (case.stage, case.answer, case.archived_at) == (Stage.ARCHIVED, "已取缔", LATER)


def test_what_is_on_its_way_when_a_petition_is_withdrawn_does_not_bring_it_back():
    gone = petition.withdraw(a_petition(), NOW)
    assert petition.hand_over(gone) is gone
    assert petition.reopen(gone, round=2) is gone
    concluded = petition.conclude(gone, round=1, outcome="explained", answer="答复", at=NOW)
    assert (concluded.stage, concluded.answer) == (Stage.WITHDRAWN, "答复")
    assert petition.close(gone, NOW).stage is Stage.CLOSED


@pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.ACCEPTED, Stage.HANDLING])
def test_closing_waits_for_the_conclusion(stage):
    with pytest.raises(NotYet):
        petition.close(a_petition(stage=stage), NOW)
    with pytest.raises(NotYet):
        petition.close(a_petition(stage=stage, round=1), NOW, reason="satisfied", round=1)


def concluded(round=1):
    return petition.conclude(petition.hand_over(a_petition()), round=round, outcome="explained", answer="已解释", at=NOW)


def test_a_closed_and_archived_case_goes_on_with_a_new_round():
    case = petition.archive(petition.close(concluded(), NOW, reason="satisfied", round=1), NOW)
    case = petition.reopen(case, round=2)
    assert (case.stage, case.round, case.closed_at, case.archived_at, case.close_reason) == (Stage.HANDLING, 2, None, None, "")


def test_a_closing_that_a_reopening_has_overtaken_changes_nothing():
    case = petition.reopen(concluded(), round=2)
    assert petition.close(case, LATER, reason="satisfied", round=1) is case
    assert petition.archive(case, LATER) is case


def test_a_decision_closes_the_round_that_was_owed_in_whichever_order_the_two_are_heard():
    words: dict[str, Any] = {"reason": "decision", "round": 2, "authority": "领导小组", "words": "没有依据。"}
    first = petition.close(petition.reopen(concluded(), round=2), LATER, **words)
    assert (first.stage, first.close_authority, first.close_words) == (Stage.CLOSED, "领导小组", "没有依据。")
    early = petition.close(concluded(), LATER, **words)
    assert (early.stage, early.round) == (Stage.CLOSED, 2)
    assert petition.reopen(early, round=2) is early
    with pytest.raises(NotYet):
        petition.close(petition.reopen(concluded(), round=2), LATER, **words | {"round": 3})


@pytest.mark.parametrize(
    ("roles", "of_instance", "barred", "granted", "reads", "identifies"),
    [
        (("clerk",), True, (), False, True, True), (("first_in_command",), True, (), False, True, True),
        (("office",), True, (), False, True, True),
        (("clerk",), False, (), False, False, False), (("leader",), True, (), False, False, False),
        (("auditor",), True, (), False, False, False),
        (("leader",), True, (), True, True, True), (("unit_head",), False, (), True, True, True),
        (("followup",), True, (), False, False, True),
        (("clerk",), True, ("o-431023-clerk",), True, False, False), (("clerk",), True, ("431023-xf",), False, False, False),
        (("clerk",), True, ("431023-epb",), False, True, True),
    ],
)  # fmt: skip
def test_who_may_read_and_who_may_lift_the_mask(roles, of_instance, barred, granted, reads, identifies):
    viewer, tie = a_viewer(*roles, of_instance=of_instance), Tie(granted=granted, handled=granted)
    if reads:
        viewing.check_may_read(viewer, frozenset(barred), tie)
    else:
        with pytest.raises(viewing.Hidden):
            viewing.check_may_read(viewer, frozenset(barred), tie)
    assert viewing.may_identify(viewer, Identity.NAMED, frozenset(barred), tie) is identifies


@pytest.mark.parametrize("identity", [Identity.CONFIDENTIAL, Identity.ANONYMOUS])
@pytest.mark.parametrize("tie", [Tie(granted=True, handled=True), Tie(handled=True)], ids=["handles", "handled before"])
@pytest.mark.parametrize(
    "roles", [("leader",), ("leader", "office"), ("unit_head", "clerk"), ("first_in_command",), ("followup",)]
)
def test_whoever_handles_a_case_never_learns_of_a_petitioner_who_is_not_named(identity, tie, roles):
    assert not viewing.may_identify(a_viewer(*roles), identity, frozenset(), tie)
    assert viewing.may_identify(a_viewer("clerk"), identity, frozenset(), Tie())


def test_whoever_handled_a_named_petitioners_case_knows_the_name_by_office_only():
    assert viewing.may_identify(a_viewer("office"), Identity.NAMED, frozenset(), Tie(handled=True))
    assert not viewing.may_identify(a_viewer("leader"), Identity.NAMED, frozenset(), Tie(handled=True))


@pytest.mark.parametrize(
    ("roles", "of_instance", "opens"),
    [(("clerk",), True, True), (("office", "leader"), True, True), (("clerk",), False, False), (("first_in_command",), True, False),
     (("unit_head",), True, False), (("followup",), True, False)],
)  # fmt: skip
def test_only_the_clerks_and_the_office_of_this_instance_open_originals(roles, of_instance, opens):
    if opens:
        viewing.check_opens_originals(a_viewer(*roles, of_instance=of_instance))
    else:
        with pytest.raises(Forbidden):
            viewing.check_opens_originals(a_viewer(*roles, of_instance=of_instance))


def a_message(**changes: Any) -> messages.Message:
    given: dict[str, Any] = (
        {
            "id": CASE, "case_id": CASE, "template": "concluded", "params": {}, "requested_at": NOW,
            "stage": MessageStage.WAITING,
            "attempts": 1, "next_attempt_at": NOW,
        } | changes
    )  # fmt: skip
    return messages.Message(**given)


def test_a_message_ends_as_sent_or_as_shown():
    assert messages.message_went(a_message(), NOW, mailed=True).stage is MessageStage.SENT
    assert messages.message_went(a_message(), NOW, mailed=False).stage is MessageStage.SHOWN


def test_why_a_message_waits_is_known_until_it_went():
    stuck = messages.message_stuck(a_message(), NOW, failure="put_off", for_good=False)
    assert stuck.failure == "put_off"
    assert messages.message_went(stuck, LATER, mailed=True).failure == ""
    late = messages.message_returned(a_message(), NOW, final=False, status="4.4.1")
    assert messages.message_went(late, LATER, mailed=True).failure == "delayed"


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 720)])
def test_a_message_is_tried_again_after_longer_and_longer(attempts, minutes):
    stuck = messages.message_stuck(a_message(attempts=attempts), NOW, failure="put_off", for_good=False)
    assert (stuck.stage, stuck.next_attempt_at) == (MessageStage.WAITING, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(("attempts", "for_good"), [(6, False), (1, True)])
def test_a_message_is_given_up_after_the_last_try_or_when_refused_for_good(attempts, for_good):
    stuck = messages.message_stuck(a_message(attempts=attempts), NOW, failure="put_off", for_good=for_good)
    assert (stuck.stage, stuck.failure) == (MessageStage.FAILED, "put_off")


@pytest.mark.parametrize(
    ("final", "status", "stage", "failure"),
    [
        (True, "5.1.1", MessageStage.FAILED, "bounced"), (True, "", MessageStage.FAILED, "bounced"),
        (True, "4.2.2", MessageStage.FAILED, "expired"), (False, "4.4.1", MessageStage.SENT, "delayed"),
    ],
)  # fmt: skip
def test_a_message_that_comes_back_failed_and_one_that_is_delayed_has_not(final, status, stage, failure):
    sent = messages.message_went(a_message(), NOW, mailed=True)
    returned = messages.message_returned(sent, LATER, final=final, status=status)
    assert (returned.stage, returned.failure, returned.status) == (stage, failure, status)


def test_a_message_comes_back_once_and_before_our_own_record_too():
    bounced = messages.message_returned(a_message(), NOW, final=True, status="5.1.1")
    assert (bounced.stage, bounced.next_attempt_at) == (MessageStage.FAILED, None)
    assert messages.message_returned(bounced, LATER, final=True, status="5.2.2") == bounced
    shown = messages.message_went(a_message(), NOW, mailed=False)
    assert messages.message_returned(shown, LATER, final=True, status="5.1.1") == shown


def test_a_kept_mail_is_registered_or_dismissed_once():
    mail = messages.UnreadMail(id=CASE, stage=UnreadStage.WAITING, reason="broken", received_at=NOW, size=9)
    registered = messages.register_unread(mail, case_id=CASE, by=CLERK, now=NOW)
    dismissed = messages.dismiss_unread(mail, reason="spam", by=CLERK, now=NOW)
    assert (registered.stage, registered.case_id) == (UnreadStage.REGISTERED, CASE)
    assert (dismissed.stage, dismissed.dismissed_for) == (UnreadStage.DISMISSED, "spam")
    with pytest.raises(Conflict):
        messages.dismiss_unread(registered, reason="spam", by=CLERK, now=NOW)
    with pytest.raises(Conflict):
        messages.register_unread(dismissed, case_id=CASE, by=CLERK, now=NOW)


@pytest.mark.parametrize(
    "who", [Petitioner(alias="多说无益"), Petitioner(email="a@example.org"), Petitioner(remarks=(("备注", ""),))]
)
def test_whatever_is_known_of_who_is_writing_is_on_record_and_without_any_nothing_is(who):
    assert who.on_record
    assert not Petitioner().on_record
