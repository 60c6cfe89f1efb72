"""A score card as it leaves the system: as data and as rows of a table. What a reader may not be told of is left out by name, and
counts all the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.supervision.domain.scores import Card, Entry
from services.supervision.score_rules import ScoreRule
from services.supervision.working_calendar import ZONE
from shared.contract.envelope import instant

Rules = Mapping[tuple[str, str], ScoreRule]
Cases = Mapping[UUID, Mapping[str, Any]]
HEAD = {
    "zh": ("日期", "规则", "依据", "分值", "信访件", "说明"),
    "en": ("Day", "Rule", "Basis", "Points", "Case", "Remark"),
}
_SUM = {"zh": ("小计", "合计"), "en": ("Counted", "Total")}
_VOID = {"zh": {"overdue": "本件当时已超期，不计"}, "en": {"overdue": "Void: the case was overdue then"}}
_UNDONE = {"zh": {"in_vain": "查明并未超期"}, "en": {"in_vain": "It was in time after all"}}
_STARTS_A_FORMULA = ("=", "+", "@", "\t", "\r", "\n", "|", "%")


def as_data(card: Card, rules: Rules, cases: Cases) -> dict[str, Any]:
    """As JSON has it. `cases` are those that the reader may be told of, by entry."""
    return {
        "code": card.code, "from": card.first.isoformat(), "until": card.last.isoformat(), "cut": instant(card.cut),
        "points": card.points,
        "lines": [
            {
                "policy": line.policy, "rule": line.rule, "words": dict(rules[line.policy, line.rule].words), "cap": line.cap,
                "total": line.total, "counted": line.counted,
                "entries": [_entry(entry, cases.get(entry.id)) for entry in line.entries],
            }
            for line in card.lines
        ],
    }  # fmt: skip


def _entry(entry: Entry, case: Mapping[str, Any] | None) -> dict[str, Any]:
    told = {"entry_id": str(entry.id), "points": entry.points, "void": entry.void}
    if case is None:
        return told
    return told | {
        "at": instant(entry.at), "cause": str(entry.cause), "case_id": str(entry.case_id), "case": case["number"],
        "corrects": str(entry.corrects) if entry.corrects else None, "reasons": entry.reasons,
    }  # fmt: skip


def as_rows(card: Card, rules: Rules, cases: Cases, language: str) -> list[Sequence[object]]:
    """As a table has it: no identifiers, so that the same year played twice gives the same letters."""
    counted, total = _SUM[language]
    rows: list[Sequence[object]] = [HEAD[language]]
    for line in card.lines:
        rule = rules[line.policy, line.rule]
        words, basis = rule.words.in_language(language), rule.basis.in_language(language)
        told = [(entry, cases.get(entry.id)) for entry in line.entries]
        found = [
            (entry.at.astimezone(ZONE).date() if case else "", words, basis, entry.points, case["number"] if case else "",
             _remark(entry, language))
            for entry, case in told
        ]  # fmt: skip
        rows += sorted(found, key=lambda row: [str(cell) for cell in row])
        rows.append(("", words, counted, line.counted, "", ""))
    return [*rows, ("", total, "", card.points, "", "")]


def _remark(entry: Entry, language: str) -> str:
    if entry.corrects is not None and entry.by is None:
        return _UNDONE[language].get(entry.reasons or "", "")
    return entry.reasons or (_VOID[language][entry.void] if entry.void else "")


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Lines ended by CR LF (RFC 4180); what a spreadsheet would take for a formula is plain text. Points keep their sign."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" \u00a0\u3000").startswith((*_STARTS_A_FORMULA, "-")) else cell
