"""A reply over the responsible person's own name (M8).

Never edited; what became of it is a record of its own.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.contract import signature as signing
from shared.contract.person import Person
from shared.errors import Refused

if TYPE_CHECKING:
    from services.routing.domain.keys import Signer

OUTCOMES = ("supported", "explained", "not_supported")
MOST_EVIDENCE = 50


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A signed reply.

    `signature` holds official, name, post, organisation, at, alg and hash, as the event does; with a key its id and the
    signature's `value`. `page` names the scanned signature page that lay beside it: name, form, size, sha256.
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
    evidence: tuple[str, ...] = ()
    page: dict[str, Any] | None = None


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


def as_told(reply: Reply) -> dict[str, Any]:
    """The reply as its event tells it; what it need not have is told where there is any."""
    more = {"evidence": list(reply.evidence), "page": reply.page}
    return {
        "assignment_id": str(reply.assignment_id), "reply_id": str(reply.id), "round": reply.round,
        "outcome": reply.outcome, "findings": reply.findings, "measures": list(reply.measures), "answer": reply.answer,
        "signature": reply.signature, "replied_at": text_of(reply.replied_at),
    } | {name: value for name, value in more.items() if value}  # fmt: skip


def canonical(reply: Reply) -> bytes:
    """What is hashed and signed: the reply as an event tells it, in the form that `shared.contract.signature` fixes."""
    return signing.canonical(as_told(reply), str(reply.case_id))


def sign(
    signer: Person, *, reply_id: UUID, assignment_id: UUID, case_id: UUID, round_number: int, outcome: str,
    findings: str, measures: Sequence[str], answer: str, now: datetime, evidence: Sequence[str] = (),
    page: dict[str, Any] | None = None, key: Signer | None = None,
) -> Reply:  # fmt: skip
    """The reply with its signature block: identity, time, SHA-256 over the canonical form, signed with the key if there is one.

    Raises Refused.
    """
    if outcome not in OUTCOMES:
        raise Refused("outcome", "处理结果只能是支持、解释说明或不予支持。", "请选择一项处理结果。")
    if not findings.strip():
        raise Refused("findings", "调查情况不能为空。", "请写明查明的事实。")
    if not answer.strip():
        raise Refused("answer", "给信访人的答复不能为空。", "请写明给信访人的答复。")
    if len(evidence) > MOST_EVIDENCE:
        raise Refused("evidence", "证据材料最多%(most)s项。", "请合并后再列。", most=MOST_EVIDENCE)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # both sides of the bus keep the instant that was signed
    block = {**signer.as_data(), "at": text_of(now), "alg": signing.KEYED if key else signing.ALG}
    if key:
        block["key_id"] = str(key.key_id)
    unsigned = Reply(
        id=reply_id, assignment_id=assignment_id, case_id=case_id, round=round_number, outcome=outcome,
        findings=findings.strip(), measures=_lines(measures), answer=answer.strip(), signature=block, replied_at=now,
        evidence=_lines(evidence), page=page,
    )  # fmt: skip
    block = block | {"hash": signing.digest(as_told(unsigned), str(case_id))}
    if key:
        block["value"] = base64.b64encode(key.sign(canonical(unsigned))).decode()
    return replace(unsigned, signature=block)


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(line.strip() for line in texts if line.strip())


def verify(reply: Reply) -> bool:
    """Whether the hash covers what the reply says and when it was given. Whose key signed it is `keys.standing`."""
    return signing.verify(as_told(reply), str(reply.case_id))
