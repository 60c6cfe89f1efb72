"""What the cells and lines of a file take: no formula that nobody wrote, and no character that XML does not know."""

import re

_BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "|", "%")

# A title may hold one: events that were told hold what was let in then.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text without what XML 1.0 takes in no form; none of it can be seen."""
    return _NO_XML.sub("", text)


def begins_a_formula(text: str) -> bool:
    """Whether a cell with this text could be run, blanks before it or not."""
    return text.startswith(_BEGINS) or text.lstrip(" \u00a0\u3000").startswith(_BEGINS)
