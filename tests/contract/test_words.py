"""Every code of an event that a page shows has its word, the same word on the pages of every service, in both languages."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polib
import pytest
from marshmallow import fields, validate

from services.followup.web import WORDS as FOLLOWUP
from services.intake.domain import messages, texts
from services.intake.web.words import WORDS as INTAKE
from services.reporting.domain.dossier import NEVER_SHOWN
from services.reporting.web import words as reporting
from services.routing.web.common import WORDS as ROUTING
from services.supervision.web import WORDS as SUPERVISION
from shared.contract import EVENTS
from shared.contract.cases import FAILURES, IDENTITIES, OUTCOMES, TEMPLATES, WITHDRAWALS
from shared.contract.catalogue import Contract
from shared.contract.supervision import ENDINGS

ROOT = Path(__file__).parents[2]
Tables = Mapping[str, Mapping[str, Any]]
SERVICES: dict[str, Tables] = {
    "intake": INTAKE, "routing": ROUTING, "supervision": SUPERVISION, "followup": FOLLOWUP,
    "reporting": {**{name.lower(): table for name, table in vars(reporting).items() if name.isupper() and name != "OF_FIELD"},
                  "identities": {}},
}  # fmt: skip
# Codes of events that no page shows as such: identities of things, names of rules, and those with tables of their own kind.
NOT_SHOWN = {
    "official", "organisation", "organisations", "officials", "place", "policy", "rule", "alg", "superior", "code",
    "session", "category", "referred_from",
}  # fmt: skip
# Whether a petitioner is named is told to those alone who handle the case: the dossier does not say it.
NOT_IN_A_DOSSIER = {"case.registered.identity", "case.referred_up.identity"}
# One kind of code: what its table is called in each service that has one.
KINDS = {
    "channel": {"channels"}, "matter_type": {"matters"}, "identity": {"identities"}, "outcome": {"outcomes"},
    "case_class": {"classes"}, "part": {"parts"}, "obligation": {"obligations"}, "kind": {"kinds"}, "manner": {"manners"},
    "result": {"results"}, "source": {"sources"}, "relation": {"relations"}, "step": {"rungs"},
}  # fmt: skip


def codes_of(contract: Contract) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """(field, its codes) of each coded field; None where the contract does not say which codes there are."""
    for name, field in contract.schema.fields.items():
        chosen = [rule.choices for rule in field.validators if isinstance(rule, validate.OneOf)]
        if chosen:
            yield name, tuple(map(str, chosen[0]))
        elif isinstance(field, fields.String) and "known" in field.metadata:
            yield name, field.metadata["known"] or None


def shown() -> list[tuple[str, str, tuple[str, ...]]]:
    """(event, field, codes) of what the dossier shows."""
    return [
        (contract.name, name, codes or ())
        for contract in EVENTS.values()
        if contract.name in reporting.TITLES
        for name, codes in codes_of(contract)
        if name not in NOT_SHOWN and f"{contract.name}.{name}" not in NOT_IN_A_DOSSIER
    ]


def is_word(text: object) -> bool:
    return bool(re.search("[\u4e00-\u9fff]", str(text)))


@pytest.fixture(scope="module")
def english() -> dict[str, set[str]]:
    """Chinese word -> its English in the catalogues of all services; they are one site with one reader."""
    found: dict[str, set[str]] = {}
    for file in ROOT.glob("*/**/en/LC_MESSAGES/messages.po"):
        if "services" in file.parts or "shared" in file.parts:
            for entry in polib.pofile(str(file)):
                found.setdefault(entry.msgid, set()).add(entry.msgstr)
    return found


def test_every_coded_field_says_which_codes_it_has_or_is_an_identity() -> None:
    silent = {
        f"{contract.name}.{name}"
        for contract in EVENTS.values()
        for name, codes in codes_of(contract)
        if codes is None and name not in NOT_SHOWN
    }
    assert silent == set()


@pytest.mark.parametrize(("event", "field", "codes"), shown(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_code_in_a_dossier_has_a_word_and_its_english(
    event: str, field: str, codes: tuple[str, ...], english: dict[str, set[str]]
) -> None:
    assert codes
    for code in codes:
        word = reporting.told(event, field, code)
        assert is_word(word), f"{event}.{field} {code}: no word"
        assert english.get(word), f"{event}.{field} {code}: {word} has no English"


def test_every_event_in_a_dossier_has_a_title_and_a_look() -> None:
    heard = {contract.name for contract in EVENTS.values() if "reporting" in contract.heard_by}
    aside = {*NEVER_SHOWN, *(name for name in heard if name.startswith("directory."))}
    assert set(reporting.TITLES) == set(reporting.LOOKS) == heard - aside
    assert all(is_word(word) for word in reporting.TITLES.values())


@pytest.mark.parametrize("kind", KINDS)
def test_one_code_is_one_word_on_the_pages_of_every_service(kind: str, english: dict[str, set[str]]) -> None:
    (name,) = KINDS[kind]
    codes = {code for contract in EVENTS.values() for field, found in codes_of(contract) if field == kind for code in found or ()}
    tables = {service: tables[name] for service, tables in SERVICES.items() if tables.get(name)}
    assert codes
    assert tables
    for code in codes:
        words = {service: str(table[code]) for service, table in tables.items() if code in table}
        assert len(set(words.values())) == 1, f"{kind} {code}: {words}"
        assert len(english[next(iter(words.values()))]) == 1, f"{kind} {code}: {english[next(iter(words.values()))]}"
    # A service's page meets every code of the kind.
    missing = {service: codes - set(table) for service, table in tables.items()}
    assert {service: gap for service, gap in missing.items() if gap} == {}


def test_the_reasons_of_a_withdrawal_are_one_word_each_and_none_is_missing() -> None:
    assert set(ROUTING["reasons"]) == set(WITHDRAWALS)
    assert {code: str(reporting.REASONS[code]) for code in WITHDRAWALS} == {
        code: str(ROUTING["reasons"][code]) for code in WITHDRAWALS
    }
    assert {code: str(word) for code, word in FOLLOWUP["reasons"].items()} == {
        code: str(word) for code, word in reporting.CLOSINGS.items()
    }


def test_outcomes_and_identities_are_the_words_of_the_glossary() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    for codes, table, title in ((OUTCOMES, "outcomes", "处理结果"), (IDENTITIES, "identities", "身份")):
        row = f"| {title}：{' / '.join(str(INTAKE[table][code]) for code in codes)} |"
        assert row in glossary, row
    assert "支持 / 解释说明 / 不予支持" in glossary
    assert "实名 / 实名保密 / 匿名" in glossary


@pytest.mark.parametrize("old", ["支持诉求", "请求保密", "升级办理", "经研究决定"])
def test_a_second_word_for_the_same_thing_stands_nowhere(old: str) -> None:
    pages = [file for kind in ("*.py", "*.html", "*.po", "*.jinja") for file in (ROOT / "services").rglob(kind)]
    assert [str(file.relative_to(ROOT)) for file in pages if old in file.read_text(encoding="utf-8")] == []


# -- what is told is what the contracts list -------------------------------------------------------------------------
def literals(service: str, calls: Mapping[str, int]) -> set[str]:
    """The codes that a service's code hands to these functions, each at its place among the arguments."""
    found: set[str] = set()
    for file in (ROOT / "services" / service).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                place = calls.get(getattr(node.func, "id", getattr(node.func, "attr", "")))
                if place is not None and place < len(node.args):
                    found |= set(constants(node.args[place]))
    return found


def constants(node: ast.expr) -> Iterable[str]:
    if isinstance(node, ast.IfExp):
        yield from (*constants(node.body), *constants(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_every_code_that_is_told_is_on_the_contracts_list() -> None:
    taken_back = literals("routing", {"take_back": 2, "take_back_open": 2, "_end_earlier": 4})
    assert taken_back <= set(WITHDRAWALS)
    assert {"conflict", "escalated", "petition_withdrawn"} <= taken_back  # the search finds what there is
    ended = literals("supervision", {"end": 2})
    assert ended <= set(ENDINGS)
    assert {"approved", "reopened", "class_changed"} <= ended
    assert literals("followup", {"write": 1}) <= set(TEMPLATES)
    assert set(texts.TEXTS) == set(TEMPLATES)
    closings = next(codes for name, codes in codes_of(EVENTS["case.closed"]) if name == "reason")
    assert set(closings or ()) <= set(ENDINGS)


def test_a_failed_message_names_a_failure_of_the_list() -> None:
    handed_in = codes_returned(returns_of("shared.mailing", "hand_in"))
    tried = handed_in | codes_returned(returns_of("services.intake.channels.sending", "_try"))
    assert handed_in <= set(ROUTING["alert_failures"]), "officials are told by the same hand"
    source = ast.parse(inspect.getsource(messages.message_returned))
    [bounced] = [
        node.value
        for node in ast.walk(source)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "failure"
    ]
    assert tried | set(constants(bounced)) == set(FAILURES)
    assert {code: str(INTAKE["failures"][code]) for code in FAILURES} == {
        code: str(reporting.FAILURES[code]) for code in FAILURES
    }


def codes_returned(returned: list[ast.expr]) -> set[str]:
    """The codes in the first place of what is returned in pairs."""
    return {code for node in returned if isinstance(node, ast.Tuple) for code in constants(node.elts[0]) if code}


def returns_of(module: str, function: str) -> list[ast.expr]:
    """What a function of a module returns."""
    source = ast.parse(Path(str(importlib.import_module(module).__file__)).read_text(encoding="utf-8"))
    found = next(node for node in ast.walk(source) if isinstance(node, ast.FunctionDef) and node.name == function)
    return [node.value for node in ast.walk(found) if isinstance(node, ast.Return) and node.value is not None]


@pytest.mark.parametrize(
    "catalogue", sorted(ROOT.glob("s*/**/messages.po")), ids=lambda path: str(path.relative_to(ROOT).parts[1])
)
def test_every_translation_can_be_set_into_a_page(catalogue: Path) -> None:
    """A template formats each text, so a % of its own must be doubled."""
    for entry in polib.pofile(str(catalogue)):
        found = [entry.msgstr, *entry.msgstr_plural.values()]
        assert all(text % dict.fromkeys(re.findall(r"%\((\w+)\)", text), 1) is not None for text in found), entry.msgid
