"""What of a name, a number or an address may stand on a page before its mask is lifted. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

_LONG_ENOUGH = 2  # a single character would mask half of a Chinese text
_LONGEST_BLOT = 6  # characters: its length is not to tell what it hides
_DIGITS = {
    sign: digit
    for signs in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
    for sign, digit in zip(signs, "0123456789", strict=True)
}
_DIGITS["幺"] = "1"
_GAPS = frozenset("._·•()+>*|")  # with what people and quoting mail programs put between digits and lines
_GAP_KINDS = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"})
# A mobile number; eighteen signs in one piece; or an identity number in pieces, known by the birthday in it.
_NUMBERS = re.compile(
    r"(?<![0-9])(?:(?:00)?86 {0,2})?1 {0,2}[3-9](?: {0,2}[0-9]){9}(?![0-9])|(?<![0-9])[0-9]{17}[0-9x](?![0-9])"
    r"|(?<![0-9])[1-9](?: {0,3}[0-9]){5} {0,3}(?:1 {0,3}9|2 {0,3}0)(?: {0,3}[0-9]){2} {0,3}(?:0 {0,3}[1-9]|1 {0,3}[0-2])"
    r" {0,3}(?:[012] {0,3}[0-9]|3 {0,3}[01])(?: {0,3}[0-9]){3} {0,3}[0-9x](?![0-9])"
)

_APART = re.compile(r"[、，,;；。/|:：()（）\[\]【】\t\r\n]+")  # between two of what one cell or field holds
_AND = re.compile(r"[\s0-9和与及]+")  # the same, perhaps: it may also lie within one name
_MORE = re.compile(r"(?<=..)(?:等.*|(?:夫妇|夫妻|一家|全家|父子|母子|父女|母女|兄弟|姐妹|先生|女士|同志)$)")
_RUN = re.compile(r"\+?[0-9][0-9 ()-]*[0-9Xx]", re.ASCII)
_SHORTEST_NUMBER, _SHORTEST_WORD = 7, 4  # characters; a word is one of letters, as in a name in pinyin
SHORTEST_ADDRESS = 8  # characters, from which it tells more than a place that officials have to name


def name(text: str) -> str:
    """The first character, and a star for each other: 张** for 张小明."""
    return text[:1] + "*" * (len(text) - 1)


def phone(text: str) -> str:
    """The first three and the last four digits: 138****1234; of a short number only the last two."""
    digits = re.sub(r"\D", "", text)
    if len(digits) < 9:
        return "*" * max(len(digits) - 2, 0) + digits[-2:]
    return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"


def id_number(text: str) -> str:
    """The first three and the last two characters; of a short one only stars."""
    return f"{text[:3]}{'*' * (len(text) - 5)}{text[-2:]}" if len(text) > 9 else "*" * len(text)


def email(text: str) -> str:
    """The first character and the domain: z***@example.org."""
    user, at, domain = text.rpartition("@")
    return f"{user[:1]}***@{domain}" if at else "***"


def address(text: str) -> str:
    """The first six characters, which name a county or a town at most."""
    return f"{text[:6]}****" if len(text) > 6 else "****"


def within(text: str, secrets: Iterable[str]) -> str:
    """`text` with each of `secrets` blotted out, however it is written there: spaced, wrapped over lines, full width, in 汉字 digits.

    For readers who may not know who is writing.
    """
    signs, places = _read(text)
    hidden: set[int] = set()
    for sought in {form for secret in secrets for form in _forms(secret)}:
        at = signs.find(sought)
        while at >= 0:
            hidden.update(range(places[at], places[at + len(sought) - 1] + 1))
            at = signs.find(sought, at + 1)
    if not hidden:
        return text
    out, blot = [], 0
    for place, sign in enumerate(text):
        blot = blot + 1 if place in hidden else 0
        if blot <= _LONGEST_BLOT:
            out.append("＊" if blot else sign)
    return "".join(out)


def names_in(text: str) -> set[str]:
    """The names that one field holds, and the whole of it: 张三、李四 are two who can be told by either name, 张三等5人 is one."""
    text = unicodedata.normalize("NFKC", text)
    words = {text}
    for part in [_MORE.sub("", part.strip()) for part in _APART.split(text)]:
        words |= {part, *(word for word in _AND.split(part) if not word.isascii() or len(word) >= _SHORTEST_WORD)}
    return {word for word in words if len(word) >= _LONG_ENOUGH}


def numbers_in(text: str) -> set[str]:
    """The numbers that one field holds, and the whole of it: what is called in two pieces, too."""
    runs = _RUN.findall(unicodedata.normalize("NFKC", text))
    pieces = {piece for run in runs for piece in (run, *run.split()) if sum(map(str.isalnum, piece)) >= _SHORTEST_NUMBER}
    return {text, *pieces} - {""}


def addresses_in(text: str) -> set[str]:
    """The addresses that one field holds, and the whole of it; the name of a village alone is no address of one of many."""
    return {text, *(part for part in _APART.split(text) if len(part) >= SHORTEST_ADDRESS)} - {""}


def anybodys_numbers(text: str) -> set[str]:
    """Mobile numbers and identity numbers that stand in a text, however they are written: whose they are, is not known."""
    return {found.group() for found in _NUMBERS.finditer("".join(map(_plain, text)))}


def holds_number(text: str) -> bool:
    """Whether anybody's mobile number or identity number stands in a text, however it is written."""
    return bool(_NUMBERS.search("".join(map(_plain, text))))


@lru_cache(maxsize=8192)
def _plain(sign: str) -> str:
    """One character as it is compared: half width, small, a digit for 三 and 叁, and one space for every kind of gap."""
    if sign in _DIGITS:
        return _DIGITS[sign]
    found = unicodedata.normalize("NFKC", sign).casefold()
    return "".join(" " if one in _GAPS or unicodedata.category(one) in _GAP_KINDS else one for one in found)


def _read(text: str) -> tuple[str, list[int]]:
    """What a text says without its gaps, and where in it each sign stands."""
    found = [(one, place) for place, sign in enumerate(text) for one in _plain(sign) if one != " "]
    return "".join(one for one, _ in found), [place for _, place in found]


def _forms(secret: str) -> Iterator[str]:
    """How a secret may be written: a telephone number also without what is dialled from further away."""
    whole, _ = _read(secret)
    found = {whole}
    if whole.isascii() and whole.isdigit():
        home = re.sub(r"^(00)?86(?=0?[1-9][0-9]{9,10}$)", "", whole)
        found |= {home, re.sub(r"^(0[12][0-9]|0[3-9][0-9]{2})(?=[2-9][0-9]{6,7}$)", "", home)}
    return (form for form in found if len(form) >= _LONG_ENOUGH)
