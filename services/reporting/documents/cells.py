"""What a spreadsheet would take for a formula."""

_BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "|", "%")


def begins_a_formula(text: str) -> bool:
    """Whether a cell with this text could be run, blanks before it or not."""
    return text.startswith(_BEGINS) or text.lstrip(" \u00a0\u3000").startswith(_BEGINS)
