"""The county's own words for messages to petitioners, in place of those that come with the program."""

from __future__ import annotations

from string import Formatter
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.intake.domain.texts import TEXTS, VALUES


def _check(text: str) -> None:
    """Only placeholders that every message can fill, and nothing that reaches into them."""
    try:
        found = list(Formatter().parse(text))
    except ValueError as fault:
        raise ValidationError(f"A brace that is not a placeholder's: {fault}; write it twice.") from fault
    for _, name, form, conversion in found:
        if name is not None and (name not in VALUES or form or conversion):
            raise ValidationError(f"No placeholder {{{name}}}; there are: {', '.join(f'{{{known}}}' for known in VALUES)}.")


def _names_the_case(subject: str) -> None:
    if "{number}" not in subject:
        raise ValidationError("The subject names the case: {number}.")


class LetterSection(Schema):
    """Subject and body of a message in one language."""

    subject = fields.String(
        required=True, validate=[validate.Length(1, 100), validate.ContainsNoneOf("\r\n"), _check, _names_the_case]
    )
    body = fields.String(required=True, validate=[validate.Length(1, 4000), _check])


class TextsSection(Schema):
    """The section `texts`: template, language, subject and body. What it leaves out stays as it is."""

    class Meta:
        include = {
            name: fields.Nested(
                Schema.from_dict({language: fields.Nested(LetterSection) for language in ("zh", "en")}, name=f"Texts_{name}")
            )
            for name in TEXTS
        }


def own_texts(given: dict[str, Any]) -> dict[str, dict[str, tuple[str, str]]]:
    """Every template, the county's words in place of ours."""
    own = {
        name: {language: (letter["subject"], letter["body"]) for language, letter in languages.items()}
        for name, languages in given.items()
    }
    return {name: texts | own.get(name, {}) for name, texts in TEXTS.items()}
