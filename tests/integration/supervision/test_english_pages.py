"""Every text of supervision's and follow-up's pages has its English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

SERVICES = Path(__file__).resolve().parents[3] / "services"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
REFUSALS = {"Refused", "Conflict", "Forbidden", "NotFound", "CalendarEnds"}
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2),
}  # fmt: skip


def refusals(folder: Path) -> Iterator[str]:
    """Rule and remedy of what the domain refuses; the page translates them."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
                yield from (str(a.value) for a in node.args[1:3] if isinstance(a, ast.Constant))


@pytest.mark.parametrize("service", ["supervision", "followup"])
def test_every_text_is_translated_and_no_translation_is_left_over(service: str):
    folder = SERVICES / service
    found = extract_from_dir(folder, METHODS, keywords=KEYWORDS)
    texts = {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}
    texts |= set(refusals(folder))
    with (folder / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = {
            message.id[0] if isinstance(message.id, tuple | list) else message.id: message
            for message in read_po(file)
            if message.id
        }
    assert set(catalogue) == texts
    for text, message in catalogue.items():
        english = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        assert all(english), text
        assert all(set(re.findall(r"%\(\w+\)", one)) <= set(re.findall(r"%\(\w+\)", text)) for one in english)
