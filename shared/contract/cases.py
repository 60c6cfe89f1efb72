"""Events of cases: what intake and routing tell."""

from typing import Any

from marshmallow import fields as f
from marshmallow import validate

from shared.contract import fields
from shared.contract.catalogue import event

CHANNELS = ("letter", "visit", "call", "email", "post")
MATTER_TYPES = ("suggestion", "accusation", "appeal", "other")
IDENTITIES = ("named", "confidential", "anonymous")
OUTCOMES = ("supported", "explained", "not_supported")
CASE_CLASSES = ("ordinary", "complex")
PARTS = ("handling", "lead", "joint")
MEDIA = ("email", "tracking_page", "post", "board")
TEMPLATES = (
    "registered", "case_accepted", "case_assigned", "case_extended", "case_concluded", "followup_due", "case_reopened", "case_closed",
    "withdrawn_for_you", "answer_letter", "code_replaced", "case_merged", "case_split", "closed_on_record", "closed_by_decision",
    "not_reached", "review_decided",
)  # fmt: skip
FAILURES = ("refused", "put_off", "unreachable", "bad_address", "bounced", "expired", "unreadable")
WISH_MEANS = ("written", "oral", "telephone")
WISH_REASONS = ("settled", "other_way", "mistaken", "unwilling", "unstated")
LIFTINGS = ("slip", "namesake", "not_meant")
RELATIONS = ("repeat_of", "repeated_by", "joint_with", "related_to", "merged_into", "leads", "split_from", "split_into")
LINK_REASONS = ("same_person", "same_matter", "petitioner_says", "found", "several_matters")
UNLINK_REASONS = ("slip", "another_matter", "another_person", "petitioner_asks")
WITHDRAWALS = (
    "conflict", "replaced", "escalated", "concluded", "petition_withdrawn", "referred_up", "objection_upheld", "not_awaited", "parent_ended",
)  # fmt: skip
PAUSES = ("hearing", "inspection", "mediation", "court")
REOPENINGS = ("dissatisfied", "corrected", "contested", "checked", "reopen_requested", "review")
HANDOVERS = ("left", "changed_post")

WHO: dict[str, f.Field[Any]] = {"organisations": fields.codes(), "officials": fields.codes()}

# -- intake ---------------------------------------------------------------------------------------------------------
event(
    "case.registered", "A petition was registered and became a case.",
    told_by="intake", heard_by="routing followup reporting",
    fields={
        "number": fields.text(), "channel": fields.choice(*CHANNELS), "matter_type": fields.choice(*MATTER_TYPES),
        "category": fields.code(), "place": fields.code(), "title": fields.text(), "brief": fields.text(),
        "identity": fields.choice(*IDENTITIES), "group_size": fields.count(),
        "received_at": fields.instant(), "registered_at": fields.instant(), "registered_by": fields.person(required=False),
    },
)  # fmt: skip
event(
    "case.imported", "An old case came in with its conclusion from another system. Nobody has to act, so nobody hears it: it is history.",
    told_by="intake", heard_by="", local=True,
    fields={
        "number": fields.text(), "channel": fields.choice(*CHANNELS), "category": fields.code(), "place": fields.code(),
        "outcome": fields.code(*OUTCOMES, required=False), "received_at": fields.instant(), "registered_at": fields.instant(),
        "concluded_at": fields.instant(), "closed_at": fields.instant(), "imported_at": fields.instant(), "by": fields.person(required=False),
    },
)  # fmt: skip
event(
    "case.supplemented", "A clerk wrote or changed the redacted title and brief, or the codes, of a case.",
    told_by="intake", heard_by="routing followup reporting",
    fields={
        "title": fields.text(), "brief": fields.text(), "category": fields.code(), "place": fields.code(),
        "by": fields.person(), "at": fields.instant(),
    },
)  # fmt: skip
event("case.accepted", "The petition was accepted (art. 23).",
      told_by="intake", heard_by="routing reporting", fields={"accepted_at": fields.instant(), "by": fields.person()})  # fmt: skip
event("case.conflict_set", "Who is complained of: these never get the case (art. 30, 46). Adds to those told before. For routing alone.",
      told_by="intake", heard_by="routing", local=True,
      fields={**WHO, "by": fields.person(required=False)})  # fmt: skip
event(
    "case.conflict_lifted", "Who was named as complained of by mistake, and by whose decision. No recusal is lifted. For routing alone.",
    told_by="intake", heard_by="routing", local=True,
    fields={**WHO, "reason": fields.code(*LIFTINGS), "authority": fields.text(), "by": fields.person(), "at": fields.instant()},
)  # fmt: skip
event(
    "case.recused_by_family", "Who recused himself from another part of the same letter: all of them now, in place of those told before.",
    told_by="intake", heard_by="routing", local=True, fields=WHO,
)  # fmt: skip
event(
    "case.withdrawn", "The petitioner withdrew the petition; `by` is the official who recorded the wish, if one did.",
    told_by="intake", heard_by="routing followup reporting",
    fields={
        "withdrawn_at": fields.instant(), "by": fields.person(required=False), "means": fields.code(*WISH_MEANS, required=False),
        "reason": fields.code(*WISH_REASONS, required=False),
    },
)  # fmt: skip
LINK: dict[str, f.Field[Any]] = {
    "link_id": fields.identifier(), "relation": fields.code(*RELATIONS), "other": fields.identifier(), "other_number": fields.text(),
    "by": fields.person(), "at": fields.instant(),
}  # fmt: skip
MOST_EARLIER, EXCERPT = 20, 1_000  # cases of a chain of repeats, and characters of each answer
EARLIER: dict[str, f.Field[Any]] = {
    "case": fields.identifier(), "number": fields.text(), "registered_at": fields.instant(), "outcome": fields.text(),
    "answer": f.String(required=True, validate=validate.Length(0, EXCERPT)),
}  # fmt: skip
event(
    "case.linked",
    "A clerk found that the case belongs with another one; told of each of the two. Of a repeat, the last 20 earlier cases, each with the"
    " beginning of its answer (1,000 characters, without petitioners' names).",
    told_by="intake", heard_by="routing reporting", local=True, fields={**LINK, "why": fields.code(*LINK_REASONS),
            "earlier": f.List(f.Nested(EARLIER), required=True, validate=validate.Length(0, MOST_EARLIER))},
)  # fmt: skip
event(
    "case.unlinked", "That the case belongs with another one was undone; told of each of the two.",
    told_by="intake", heard_by="routing reporting", local=True,
    fields={**LINK, "undone_for": fields.code(*UNLINK_REASONS)},
)  # fmt: skip
YES_OR_NO: dict[str, f.Field[Any]] = {"question": fields.code(), "yes": fields.flag()}
event(
    "petitioner.answered", "A petitioner answered the follow-up questions on the tracking page, or by a link; or corrects that within a day.",
    told_by="intake", heard_by="followup", local=True,
    fields={
        "round": fields.round_number(), "settled": fields.flag(), "satisfied": fields.flag(), "answered_at": fields.instant(),
        "answers": f.List(f.Nested(YES_OR_NO)), "medium": fields.code("email", "tracking_page", required=False),
        "corrects": f.Boolean(truthy={True}, falsy={False}),
    },
)  # fmt: skip
event("case.reopen_requested", "The petitioner contests that he was satisfied, as staff wrote, or asks for a closed case to go on.",
      told_by="intake", heard_by="followup", local=True,
      fields={"round": fields.round_number(), "ground": fields.choice("contested", "reopen"), "requested_at": fields.instant()})  # fmt: skip
event("review.requested", "The petitioner asks for a review of the answer (art. 35), or for the final review (art. 36).",
      told_by="intake", heard_by="supervision followup reporting",
      fields={"review_id": fields.identifier(), "level": fields.choice("review", "final"), "requested_at": fields.instant()})  # fmt: skip
event("message.sent", "A message went out to the petitioner.",
      told_by="intake", heard_by="reporting",
      fields={"message_id": fields.identifier(), "template": fields.code(*TEMPLATES), "medium": fields.code(*MEDIA),
      "at": fields.instant()})  # fmt: skip
event(
    "message.failed", "A message to the petitioner could not be delivered.",
    told_by="intake", heard_by="reporting",
    fields={"message_id": fields.identifier(), "template": fields.code(*TEMPLATES), "medium": fields.code(*MEDIA),
    "reason": fields.code(*FAILURES), "at": fields.instant()},
)  # fmt: skip
event("message.requested", "A service asks intake, which alone knows the address, to write to the petitioner.",
      told_by="followup", heard_by="intake", local=True,
      fields={"message_id": fields.identifier(), "template": fields.code(*TEMPLATES), "params": f.Dict(required=True)})  # fmt: skip

# -- routing --------------------------------------------------------------------------------------------------------
ENCLOSURE: dict[str, f.Field[Any]] = {
    "name": fields.text(),
    "form": fields.text(),
    "size": fields.count(),
    "sha256": fields.text(),
}
# What an instruction says beside its words. A limit of its own only shortens the policy's; files stay where they were enclosed.
BESIDE: dict[str, f.Field[Any]] = {
    "limit_days": f.Integer(strict=True, allow_none=True, validate=validate.Range(1)),
    "confidential": f.Boolean(truthy={True}, falsy={False}), "enclosures": f.List(f.Nested(ENCLOSURE)),
}  # fmt: skip
event(
    "case.instructed", "The first-in-command read the case and wrote an instruction.",
    told_by="routing", heard_by="supervision followup reporting",
    fields={
        "instruction_id": fields.identifier(), "round": fields.round_number(), "text": fields.text(),
        "author": fields.person(), "addressees": fields.people(), "answers": fields.identifier(required=False),
        "case_class": fields.choice(*CASE_CLASSES), "instructed_at": fields.instant(), "read_by_deputy": fields.person(required=False),
        **BESIDE,
    },
)  # fmt: skip
event("case.barred", "Officials and organisations that must never see the case, complained of or recused; why is not told.",
      told_by="routing", heard_by="intake supervision followup reporting", local=True,
      fields={**WHO, "barred_at": fields.instant()})  # fmt: skip
event("case.classified", "The case was found ordinary or complex.",
      told_by="routing", heard_by="supervision reporting",
      fields={"case_class": fields.choice(*CASE_CLASSES), "by": fields.person(), "at": fields.instant()})  # fmt: skip
event(
    "case.escalated", "A county leader takes the lead, joint units join.",
    told_by="routing", heard_by="supervision reporting",
    fields={
        "round": fields.round_number(), "lead": fields.person(), "joint": fields.people(), "reason": fields.text(),
        "by": fields.person(), "at": fields.instant(),
    },
)  # fmt: skip
event(
    "assignment.issued", "A case was handed to a named official with an instruction; `parent` is the assignment that it is a part of.",
    told_by="routing", heard_by="intake routing supervision followup reporting",
    fields={
        "assignment_id": fields.identifier(), "instruction_id": fields.identifier(), "round": fields.round_number(),
        "part": fields.choice(*PARTS), "responsible": fields.person(), "issued_by": fields.person(),
        "issued_at": fields.instant(), "text": fields.text(), "case_class": fields.choice(*CASE_CLASSES),
        "number": fields.text(), "channel": fields.choice(*CHANNELS), "category": fields.code(),
        "title": fields.text(), "brief": fields.text(), "parent": fields.identifier(required=False),
        "answers": fields.identifier(required=False), **BESIDE,
    },
)  # fmt: skip


def _told_of(verb: str, meaning: str, also: str = "", **more: f.Field[Any]) -> None:
    """What routing tells of an assignment after its issue; `also` are services that hear it beside routing and reporting."""
    every = {"assignment_id": fields.identifier(), **more}
    event(f"assignment.{verb}", meaning, told_by="routing", heard_by=f"routing reporting {also}", fields=every)


_told_of("received", "The person responsible acknowledged receipt.", "supervision",
         by=fields.person(), received_at=fields.instant())  # fmt: skip
_told_of("objected", "The unit objects to its jurisdiction (art. 23); the clock goes on.", "supervision",
         by=fields.person(), reasons=fields.text(), objected_at=fields.instant())  # fmt: skip
_told_of("objection_decided", "The issuer upheld an objection, and takes the assignment back, or dismissed it with reasons.",
         decision=fields.choice("upheld", "dismissed"), reasons=fields.text(), by=fields.person(), at=fields.instant())  # fmt: skip
_told_of("progressed", "Progress was reported.", "supervision",
         by=fields.person(), text=fields.text(), progressed_at=fields.instant())  # fmt: skip
_told_of("extension_requested", "The person responsible asks for more time, with reasons.", extension_id=fields.identifier(),
         days=fields.count(), reasons=fields.text(), by=fields.person(), at=fields.instant())  # fmt: skip
_told_of("extended", "The limit was extended, once for each case (art. 34), on whose authority; the reasons are for the petitioner.",
         "supervision intake", extension_id=fields.identifier(), days=fields.count(), reasons=fields.text(),
         authority=fields.person(), at=fields.instant())  # fmt: skip
_told_of("extension_refused", "More time was asked for and not given.", extension_id=fields.identifier(), reasons=fields.text(),
         by=fields.person(), at=fields.instant())  # fmt: skip
_told_of("paused", "The clocks of the case stand still, for what and on whose authority.", "supervision", pause_id=fields.identifier(),
         category=fields.code(*PAUSES), reasons=fields.text(), authority=fields.person(), at=fields.instant())  # fmt: skip
_told_of("resumed", "The clocks of the case go on.", "supervision", pause_id=fields.identifier(), category=fields.code(*PAUSES),
         reasons=fields.text(), authority=fields.person(), at=fields.instant())  # fmt: skip
_told_of("handed_over", "The post changed hands: another person is responsible, and the clock goes on.", "supervision intake followup",
         **{"from": fields.person()}, to=fields.person(), by=fields.person(), reason=fields.code(*HANDOVERS), at=fields.instant())  # fmt: skip

SIGNATURE: dict[str, f.Field[Any]] = {
    "official": fields.code(), "name": f.String(required=True), "post": f.String(required=True), "organisation": fields.code(),
    "at": fields.instant(), "alg": fields.code("sha256", "ed25519"), "hash": f.String(required=True, validate=validate.Length(64, 64)),
    "key_id": fields.identifier(required=False), "value": fields.text(required=False),  # of a keyed signature: whose key, and its 64 bytes
}  # fmt: skip
PAGE: dict[str, f.Field[Any]] = {"name": fields.text(), "form": fields.code("png", "jpeg", "pdf"), "size": fields.count(),
"sha256": fields.code()}  # fmt: skip
_told_of("replied", "The person responsible replied over his own name.", "supervision",
         reply_id=fields.identifier(), round=fields.round_number(), outcome=fields.choice(*OUTCOMES), findings=fields.text(),
         measures=f.List(f.String(), required=True), answer=fields.text(), evidence=f.List(f.String()),
         page=f.Nested(PAGE, allow_none=True), signature=f.Nested(SIGNATURE, required=True), replied_at=fields.instant())  # fmt: skip
_told_of("returned", "A reply was rejected, with reasons; the next instruction says what is wanted.", "supervision",
         reply_id=fields.identifier(), round=fields.round_number(), reasons=fields.text(), by=fields.person(),
         returned_at=fields.instant())  # fmt: skip
_told_of("approved", "A reply was accepted; the assignment is done.", "supervision",
         reply_id=fields.identifier(required=False), by=fields.person(), approved_at=fields.instant())  # fmt: skip
_told_of("withdrawn", "An assignment ended without a reply: a conflict was found out, another round replaced it, its lead does not wait.",
         "supervision intake", reason=fields.code(*WITHDRAWALS), words=fields.text(required=False), by=fields.person(required=False),
         responsible=fields.person(), withdrawn_at=fields.instant())  # fmt: skip
FOLLOWS: dict[str, f.Field[Any]] = {"consequence_id": fields.identifier(), "person": f.String(required=True), "measure": fields.text(),
"until": fields.day()}  # fmt: skip
event(
    "accountability.recorded", "A proposal or decision to hold somebody to account, with who decided and in which meeting.",
    told_by="routing", heard_by="reporting",
    fields={
        "record_id": fields.identifier(), "kind": fields.choice("proposal", "decision"), "person": f.String(required=True),
        "organisation": fields.code(), "measure": fields.text(), "decided_by": fields.text(), "meeting": fields.text(required=False),
        "decided_on": fields.day(), "answers": fields.identifier(required=False), "follows": f.List(f.Nested(FOLLOWS)), "by": fields.person(),
    },
)  # fmt: skip
event(
    "case.concluded", "The case is concluded: the outcome and the answer for the petitioner.",
    told_by="routing", heard_by="intake supervision followup reporting",
    fields={
        "round": fields.round_number(), "outcome": fields.choice(*OUTCOMES), "summary": fields.text(),
        "answer": fields.text(), "by": fields.person(), "concluded_at": fields.instant(), "referred_from": fields.code(required=False),
    },
)  # fmt: skip
event(
    "case.referred_up", "A case that nobody in the instance may instruct (art. 30, 46) went to its superior; or its petitioner said more.",
    told_by="routing", heard_by="routing reporting",
    fields={
        "cause": fields.code("conflict", "dissatisfied", "withdrawn"), "round": fields.count(), "number": fields.text(),
        "channel": fields.choice(*CHANNELS),
        "matter_type": fields.choice(*MATTER_TYPES), "category": fields.code(), "place": fields.code(), "title": fields.text(),
        "brief": fields.text(),
        "identity": fields.choice(*IDENTITIES), "group_size": fields.count(), "registered_at": fields.instant(), "received_at": fields.instant(),
        "by": fields.person(required=False), "at": fields.instant(),
    },
)  # fmt: skip
event(
    "case.concluded_above", "The superior concluded a case that was referred up to it; whoever registered it answers the petitioner.",
    told_by="routing", heard_by="routing reporting",
    fields={"round": fields.round_number(), "outcome": fields.choice(*OUTCOMES), "summary": fields.text(), "answer": fields.text(),
            "by": fields.person(), "concluded_at": fields.instant()},
)  # fmt: skip
event(
    "case.bars_passed",
    "Who must not see a case that travels: told before it by whoever hands it on, and later by whoever learns it.",
    told_by="routing",
    heard_by="routing reporting",
    fields={"organisations": fields.codes(), "officials": fields.codes(), "barred_at": fields.instant()},
)
event("case.reopened", "The case goes on with a new round, because the petitioner is not satisfied, or a review says so.",
      told_by="routing", heard_by="intake supervision reporting",
      fields={"round": fields.round_number(), "cause": fields.code(*REOPENINGS), "reopened_at": fields.instant()})  # fmt: skip
