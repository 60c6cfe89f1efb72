"""A duty roster as a file: single shifts as CSV, or patterns and shifts as YAML. Each mistake is named by line and field.

    line,start,end,official                          patterns:
    hot,2016-11-08 08:00,2016-11-08 16:00,何文          - {line: hot, slots: ["00:00-24:00"], officials: [何文, 周立], turn: day, begins_on: 2016-11-08}
                                                     shifts:
                                                       - {line: hot, start: 2016-11-20 08:00, end: 2016-11-20 16:00, official: 何文}

Times without a zone are China's; an official is named by id, or by a name that is nobody else's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, validate

from services.intake.domain.duty import Turn
from services.intake.domain.submission import CHINA
from services.intake.site.mistakes import first
from services.intake.site.written import BadYaml, compose, plain

COLUMNS = ("line", "start", "end", "official")


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """What is wrong where; a line of 0 is the whole file."""

    line: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A shift or a pattern (`pattern`), checked as far as the file alone allows."""

    line: int
    pattern: bool
    data: Mapping[str, Any]


class ShiftRow(Schema):
    """One shift."""

    line = fields.String(required=True)
    start = fields.AwareDateTime(required=True, default_timezone=CHINA)
    end = fields.AwareDateTime(required=True, default_timezone=CHINA)
    official = fields.String(required=True, validate=validate.Length(1, 64))


class PatternRow(Schema):
    """Shifts that come again each week; every day unless `weekdays` says otherwise."""

    line = fields.String(required=True)
    weekdays = fields.List(fields.Integer(validate=validate.Range(1, 7)), load_default=lambda: [1, 2, 3, 4, 5, 6, 7])
    slots = fields.List(fields.String(), required=True, validate=validate.Length(1, 24))
    officials = fields.List(fields.String(validate=validate.Length(1, 64)), required=True, validate=validate.Length(1, 100))
    turn = fields.String(load_default=Turn.DAY, validate=validate.OneOf(list(Turn)))
    begins_on = fields.Date(required=True)
    ends_on = fields.Date(load_default=None)


def read(raw: bytes, *, as_csv: bool) -> tuple[list[Row], list[Mistake]]:
    """The rows that make sense by themselves, and what is wrong with the others."""
    try:
        text = raw.decode("utf-8-sig")
        given = list(_csv(text) if as_csv else _yaml(text))
    except UnicodeDecodeError:
        return [], [Mistake(line=0, words="not UTF-8")]
    except csv.Error as fault:
        return [], [Mistake(line=0, words=f"not CSV: {fault}")]
    except BadYaml as fault:
        return [], [Mistake(line=fault.line, words=fault.words)]
    rows, mistakes = [], []
    for line, kind, data in given:
        if isinstance(kind, str):
            mistakes.append(Mistake(line=line, words=kind))
            continue
        try:
            rows.append(Row(line=line, pattern=kind is PatternRow, data=kind().load(data)))
        except ValidationError as fault:
            mistakes.append(Mistake(line=line, words=first(fault.messages)))
    return rows, mistakes


Found = Iterator[tuple[int, type[Schema] | str, Any]]  # a line, the kind of row or what is wrong, and the row


def _csv(text: str) -> Found:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    if tuple(name.strip() for name in reader.fieldnames or ()) != COLUMNS:
        yield 1, f"the first line has to be {','.join(COLUMNS)}", None
        return
    for row in reader:
        if None in row or None in row.values():
            yield reader.line_num, f"{len(COLUMNS)} columns are wanted", None
        else:
            yield reader.line_num, ShiftRow, {str(name).strip(): str(value).strip() for name, value in row.items()}


def _yaml(text: str) -> Found:
    node = compose(text)
    if not isinstance(node, yaml.MappingNode):
        yield 1, "patterns: or shifts: is wanted", None
        return
    for key, items in node.value:
        kind = {"patterns": PatternRow, "shifts": ShiftRow}.get(key.value if isinstance(key.value, str) else "")
        if kind is None or not isinstance(items, yaml.SequenceNode):
            yield key.start_mark.line + 1, "only the lists patterns: and shifts: are known", None
            continue
        for item in items.value:
            yield item.start_mark.line + 1, kind, plain(item)
