"""Telling who stands at the counter: by a whole name, a telephone number or its end, a ticket, a booking's number. Pure."""

from __future__ import annotations

import re
import unicodedata

from services.intake.domain.visits import Visit, Visitor
from shared.errors import Refused

_END = 4  # digits: as much of a telephone number as people say


def check_sought(text: str) -> str:
    """What is looked for, as it is compared. Raises Refused: less than this would find half of the room."""
    sought = _plain(text)
    if len(sought) < 2 or (sought.isdigit() and len(sought) < _END):
        raise Refused("visitor", "要查找的文字太短。", "请输入全名、电话（全号或后四位）、排队号（如 A001）或预约编号。")
    return sought


def has_number(sought: str, visit: Visit) -> bool:
    """Whether this is the visit's ticket, its number, or the digits that its number ends in."""
    number = _plain(visit.number)
    return sought in (number, _plain(visit.ticket_text)) or (len(sought) >= 6 and number.endswith(sought))


def is_known_as(sought: str, who: Visitor) -> bool:
    """Whether somebody is called so, represents a group by this name, or has this telephone number. A part of a name is none."""
    if sought in map(_plain, (who.name, *who.representatives)):
        return True
    digits = re.sub(r"[^0-9]", "", sought)
    spoken = sought.removeprefix("+").isdigit() and len(digits) >= _END
    return spoken and re.sub(r"[^0-9]", "", _plain(who.phone)).endswith(digits.removeprefix("86") if len(digits) > 11 else digits)


def _plain(text: str) -> str:
    """Half width, small, and without what people put between signs."""
    return re.sub(r"[\s·•()_-]", "", unicodedata.normalize("NFKC", text)).casefold()
