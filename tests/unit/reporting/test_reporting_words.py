"""Every text of reporting's pages and refusals has its English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import services.reporting

ROOT = Path(services.reporting.__path__[0])
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
CHINESE = re.compile("[\u4e00-\u9fff]")
CALLS = {"Refused": (1, 2), "Busy": (1, 2), "NotFound": (1, 2), "Forbidden": (1, 2), "Conflict": (1, 2), "ValidationError": (0,)}


def explained() -> Iterator[str]:
    """Rules and remedies; they are translated where they are shown."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for place in CALLS.get(node.func.id, ()):
                    argument = node.args[place] if place < len(node.args) else None
                    if isinstance(argument, ast.Constant) and CHINESE.search(str(argument.value)):  # not the command line's
                        yield from str(argument.value).split(" → ")


def test_every_text_is_translated_and_no_translation_is_left_over() -> None:
    found = extract_from_dir(ROOT, METHODS, keywords=KEYWORDS)
    used = {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found} | set(explained())
    with (ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        english = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert used - set(english) == set()
    assert set(english) - used == set()
    for text, said in english.items():
        assert said, text
        assert sorted(re.findall(r"%\(\w+\)[sd]", said)) == sorted(re.findall(r"%\(\w+\)[sd]", text)), text
