"""Every text of routing's pages and refusals has its English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib

import services.routing

ROOT = Path(services.routing.__path__[0])
# Which arguments of these calls are message ids.
CALLS = {
    "_": (0,), "gettext": (0,), "lazy_gettext": (0,), "ValidationError": (0,),
    "Refused": (1, 2), "Conflict": (1, 2), "Forbidden": (1, 2), "NotFound": (1, 2), "Barred": (1, 2), "_foreign": (1,),
    "BarredAddressee": (1, 2), "OwnMatter": (1, 2), "Fault": (2, 3),
}  # fmt: skip
CHINESE = re.compile("[\u3000-\u9fff]")


def in_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for place in CALLS.get(name, ()):
                argument = node.args[place] if place < len(node.args) else None
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield from argument.value.split(" → ")


def test_every_message_is_translated_and_nothing_else_is_in_the_catalogue():
    used = {text for file in ROOT.rglob("*.html") for text in re.findall(r'\b_\("([^"]+)"', file.read_text(encoding="utf-8"))}
    used |= {text for file in ROOT.rglob("*.py") for text in in_python(file.read_text(encoding="utf-8")) if CHINESE.search(text)}
    used |= {text for file in ROOT.rglob("*.html") for text in re.findall(r"\b_\('([^']+)'", file.read_text(encoding="utf-8"))}
    catalogue = {entry.msgid: entry.msgstr for entry in polib.pofile(str(ROOT / "translations/en/LC_MESSAGES/messages.po"))}
    assert used - catalogue.keys() == set()
    assert catalogue.keys() - used == set()
    assert [msgid for msgid, english in catalogue.items() if not english] == []


def test_placeholders_are_the_same_in_both_languages():
    for entry in polib.pofile(str(ROOT / "translations/en/LC_MESSAGES/messages.po")):
        assert sorted(re.findall(r"%\(\w+\)[sd]", entry.msgid)) == sorted(re.findall(r"%\(\w+\)[sd]", entry.msgstr)), entry.msgid
