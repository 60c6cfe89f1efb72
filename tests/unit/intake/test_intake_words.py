"""Every word that a page or a refusal shows has its English, and the messages to petitioners exist in both languages."""

from __future__ import annotations

import ast
import io
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import services.intake
from services.intake import schemas
from services.intake.domain import texts
from services.intake.web import words as tables

ROOT = Path(services.intake.__path__[0])
REFUSALS = {"Refused", "Conflict", "Forbidden", "NotFound", "Hidden", "Erased"}
KEYWORDS = {"_": None, "gettext": None}


def words_of_pages() -> Iterator[tuple[str, str]]:
    """(where, Chinese) of everything that is translated."""
    for path in (*ROOT.rglob("*.py"), *ROOT.rglob("*.html")):
        source, kind = path.read_bytes(), "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        for _, words, *_ in extract(kind, io.BytesIO(source), keywords=KEYWORDS):
            yield path.name, str(words)
        if path.suffix == ".py":
            yield from ((path.name, words) for words in words_of_refusals(ast.parse(source)))


def words_of_refusals(tree: ast.AST) -> Iterator[str]:
    """The rule and the remedy of each refusal: they are translated where they are shown."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
            yield from (str(argument.value) for argument in node.args[1:3] if isinstance(argument, ast.Constant))


def test_every_word_has_its_english_and_no_english_is_left_over():
    catalogue = read_po((ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb"))
    english = {str(message.id): str(message.string) for message in catalogue if message.id}
    used = {words: where for where, words in words_of_pages()}
    assert {words: where for words, where in used.items() if not english.get(words)} == {}
    assert set(english) - set(used) == set()


def test_english_keeps_the_placeholders_and_has_no_chinese():
    catalogue = read_po((ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb"))
    for message in catalogue:
        if message.id:
            placeholders = [sorted(re.findall(r"%\(\w+\)[sd]", str(text))) for text in (message.id, message.string)]
            assert placeholders[0] == placeholders[1], message.id
            assert not re.search(r"[\u4e00-\u9fff]", str(message.string)), message.id


@pytest.mark.parametrize("template", [*texts.TEXTS, "nobody wrote this one"])
def test_every_message_exists_in_both_languages_and_names_the_case(template):
    for language in ("zh", "en"):
        subject, body = texts.say(template, language, {"reason": "{x}"}, "431023-2016-000123")
        assert "431023-2016-000123" in subject
        assert "431023-2016-000123" in body
        assert "{number}" not in subject + body
    assert texts.say(template, "fr", {}, "1") == texts.say(template, "zh", {}, "1")


def test_only_the_receipt_of_a_mail_holds_the_secret_code():
    for template in texts.TEXTS:
        _, text = texts.letter(template, "zh", {}, number="1", code="SECRET", address="https://yongxing.example/track")
        assert ("SECRET" in text) == (template == "registered")
        assert "https://yongxing.example/track" in text
    assert "http" not in texts.letter("registered", "en", {}, number="1", code="S", address="")[1]


def test_a_mail_that_can_be_answered_says_so_and_another_says_not_to():
    for language, yes, no in (("zh", "直接回复本邮件，您的回复", "请勿直接回复"), ("en", "answer this mail", "do not answer")):
        for answerable in (True, False):
            _, text = texts.letter("registered", language, {}, number="1", code="S", address="", answerable=answerable)
            assert (yes in text, no in text) == (answerable, not answerable)


def test_the_countys_own_words_stand_in_place_of_ours():
    own = texts.TEXTS | {"case_closed": texts.TEXTS["case_closed"] | {"zh": ("结案 {number}", "谢谢。{reason}")}}
    assert texts.say("case_closed", "zh", {}, "7", own=own) == ("结案 7", "谢谢。")
    assert texts.say("case_closed", "en", {}, "7", own=own) == texts.say("case_closed", "en", {}, "7")


def test_no_two_topics_call_a_field_or_a_table_of_words_by_one_name():
    """They are merged into one table: the later would take the earlier one's place."""
    for package, table in ((schemas, "LABELS"), (tables, "WORDS")):
        modules = [import_module(f"{package.__name__}.{found.name}") for found in iter_modules(package.__path__)]
        names = [name for module in modules for name in getattr(module, table, ())]
        assert [name for name, times in Counter(names).items() if times > 1] == []
