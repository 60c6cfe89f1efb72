"""A reply over the responsible person's own name (M8).

Never edited; what became of it is a record of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.contract import signature as signing
from shared.contract.person import Person
from shared.errors import Refused

OUTCOMES = ("supported", "explained", "not_supported")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A signed reply.

    `signature` holds official, name, post, organisation, at, alg and hash, as the event does.
    """

    id: UUID
    assignment_id: UUID
    case_id: UUID
    round: int
    outcome: str
    findings: str
    measures: tuple[str, ...]
    answer: str
    signature: dict[str, str]
    replied_at: datetime


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the issuer decided on a reply: `returned` with reasons, or `approved`. Never edited."""

    reply_id: UUID
    case_id: UUID
    verdict: str
    reasons: str | None
    by: Person
    at: datetime


def text_of(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: the only form that is signed."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_told(reply: Reply) -> dict[str, Any]:
    return {
        "assignment_id": str(reply.assignment_id), "reply_id": str(reply.id), "round": reply.round,
        "outcome": reply.outcome, "findings": reply.findings, "measures": list(reply.measures), "answer": reply.answer,
        "signature": reply.signature, "replied_at": text_of(reply.replied_at),
    }  # fmt: skip


def canonical(reply: Reply) -> bytes:
    """What is hashed: the reply as an event tells it, in the form that `shared.contract.signature` fixes."""
    return signing.canonical(_as_told(reply), str(reply.case_id))


def sign(
    signer: Person, *, reply_id: UUID, assignment_id: UUID, case_id: UUID, round_number: int, outcome: str,
    findings: str, measures: Sequence[str], answer: str, now: datetime,
) -> Reply:  # fmt: skip
    """The reply with its signature block: identity, time, SHA-256 over the canonical form. Raises Refused."""
    if outcome not in OUTCOMES:
        raise Refused("outcome", "处理结果只能是支持、解释说明或不予支持。", "请选择一项处理结果。")
    if not findings.strip():
        raise Refused("findings", "调查情况不能为空。", "请写明查明的事实。")
    if not answer.strip():
        raise Refused("answer", "给信访人的答复不能为空。", "请写明给信访人的答复。")
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # both sides of the bus keep the instant that was signed
    signature = {**signer.as_data(), "at": text_of(now), "alg": signing.ALG}
    unsigned = Reply(
        id=reply_id, assignment_id=assignment_id, case_id=case_id, round=round_number, outcome=outcome,
        findings=findings.strip(), measures=tuple(line.strip() for line in measures if line.strip()),
        answer=answer.strip(), signature=signature, replied_at=now,
    )  # fmt: skip
    signature["hash"] = signing.digest(_as_told(unsigned), str(case_id))
    return unsigned


def verify(reply: Reply) -> bool:
    """Whether the signature covers what the reply says and when it was given."""
    return signing.verify(_as_told(reply), str(reply.case_id))
