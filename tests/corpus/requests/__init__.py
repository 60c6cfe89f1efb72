"""Requests that no honest browser sends, made here: what the public pages and the resource have to answer, and never with a 500.

Each entry: a name, a path, and the bytes of the body with their type; `stored` says that it is odd and yet a petition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

API, FORM, TRACK = "/api/intake/petitions", "/submit", "/track"
JSON, URLENCODED = "application/json", "application/x-www-form-urlencoded"
WHOLE = {"title": "井水发黑", "text": "村里喝不上水", "identity": "anonymous", "matter_type": "appeal"}
_NASTY: dict[str, Any] = {
    "null": None, "true": True, "a_list": ["a"], "an_object": {"a": 1}, "a_number": 3.14, "nan": float("nan"), "infinity": float("inf"),
    "nul": "a\0b", "lone_surrogate": "a\ud800b", "direction_marks": "a\u202eb", "a_bell": "a\x07b", "blank": "　\u200b \n",
    "sql": "'; DROP TABLE petition; --", "template": "{{ 7*7 }}{% raise %}", "script": "<script>alert(1)</script>", "format": "%(key)s %s {0}",
    "path": "../../../../etc/passwd", "long": "水" * 100_001, "very_long": "x" * 1_000_000, "emoji": "👩‍👩‍👧‍👦" * 60,
    "combining": "e" + "\u0301" * 5_000,
}  # fmt: skip
_FIELDS = {
    "title": (
        "nul", "lone_surrogate", "blank", "long", "very_long", "null", "a_list", "an_object", "true", "combining", "emoji", "format",
        "template", "sql", "script",
    ),
    "text": ("nul", "lone_surrogate", "blank", "long", "null", "a_list", "a_number", "direction_marks", "a_bell"),
    "identity": ("null", "a_list", "an_object", "sql", "long"),
    "matter_type": ("null", "a_number", "blank"),
    "category": ("an_object", "path", "nul"),
    "place": ("path", "a_number", "long", "lone_surrogate"),
    "group_size": ("null", "nan", "infinity", "a_list", "sql", "long", "true"),
    "representatives": ("a_number", "an_object", "long", "null"),
    "phone": ("long", "nul", "script", "a_number"),
    "email": ("long", "nul", "path", "a_list", "lone_surrogate"),
    "id_number": ("script", "long", "nul"),
    "unknown": ("null", "long"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request. `fields`: the names of which one has to be named by the refusal; empty when any refusal will do."""

    name: str
    path: str
    body: bytes
    kind: str
    fields: frozenset[str] = frozenset()


def requests() -> Iterator[Request]:
    """The whole corpus."""
    yield from _values()
    yield from _numbers()
    yield from _bodies()
    yield from _forms()


def _values() -> Iterator[Request]:
    for field, names in _FIELDS.items():
        for name in names:
            body = json.dumps(WHOLE | {field: _NASTY[name]}).encode()
            yield Request(name=f"json_{field}_{name}", path=API, body=body, kind=JSON, fields=frozenset({field}))


def _numbers() -> Iterator[Request]:
    for name, number in {
        "zero": "0",
        "minus": "-1",
        "huge": "9" * 400,
        "exponent": "1e400",
        "a_fraction": "1.5",
        "octal": "012",
    }.items():
        body = json.dumps(WHOLE).encode()[:-1] + b', "group_size": ' + number.encode() + b"}"
        yield Request(name=f"json_group_size_{name}", path=API, body=body, kind=JSON)


def _bodies() -> Iterator[Request]:
    whole = json.dumps(WHOLE).encode()
    odd = {
        "empty": b"", "cut": whole[:-5], "a_list": b"[1, 2]", "a_string": b'"a"', "null": b"null", "deep": b"[" * 100_000 + b"]" * 100_000,
        "deep_objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "bom": b"\xef\xbb\xbf" + whole, "utf16": json.dumps(WHOLE).encode("utf-16"),
        "gb18030": json.dumps(WHOLE, ensure_ascii=False).encode("gb18030"), "bytes": bytes(range(256)) * 40, "twice": whole + whole,
        "same_key_twice": whole[:-1] + b', "title": "\xe5\x88\xab\xe7\x9a\x84"}', "comment": b"/* x */" + whole,
        "single_quotes": whole.replace(b'"', b"'"),
        "many_keys": json.dumps(WHOLE | {f"k{i}": i for i in range(20_000)}).encode(),
    }  # fmt: skip
    for name, body in odd.items():
        yield Request(name=f"body_{name}", path=API, body=body, kind=JSON)
    for kind in (
        "text/plain",
        "application/xml",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/json; charset=martian",
        "",
    ):
        yield Request(name=f"kind_{kind or 'none'}", path=API, body=whole, kind=kind)
    yield Request(
        name="xxe",
        path=API,
        body=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        kind="application/xml",
    )


def _forms() -> Iterator[Request]:
    odd = {
        "empty": b"", "bad_percent": b"title=%zz&text=%", "half_utf8": b"title=%e6%b0&text=%e6%b0%b4", "nul": b"title=a%00b&text=c%00d",
        "surrogate": b"title=%ed%a0%80&text=%ed%a0%80", "twice": b"title=a&title=b&text=c&identity=anonymous", "brackets": b"title[]=a&text[b]=c",
        "many_fields": b"&".join(b"f%d=1" % i for i in range(5_000)), "long_name": b"x" * 100_000 + b"=1",
        "no_names": b"&&&===&&", "raw_bytes": bytes(range(128, 256)) * 20,
        "long_text": b"title=a&identity=anonymous&text=" + b"x" * 900_000, "date_0": b"title=a&received_at=0000-00-00T00:00",
        "date_9999": b"title=a&received_at=9999-12-31T23:59",
        "key_no_uuid": b"key=1&title=a&text=b&identity=anonymous",
        "key_braces": b"key={00000000-0000-0000-0000-000000000000}&title=a", "code_long": b"number=a&code=" + b"0" * 50_000,
        "number_nul": b"number=431023%00&code=A", "number_like": b"number=%25&code=%25",
        "round_huge": b"number=a&code=b&round=" + b"9" * 5_000, "csrf_array": b"csrf_token[]=a",
    }  # fmt: skip
    for name, body in odd.items():
        for path in (FORM, TRACK):
            yield Request(name=f"form{path.replace('/', '_')}_{name}", path=path, body=body, kind=URLENCODED)
    parts = {
        "no_end": b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\na',
        "no_name": b"--b\r\nContent-Disposition: form-data\r\n\r\na\r\n--b--\r\n",
        "header_bomb": b"--b\r\n" + b"X: y\r\n" * 20_000 + b"\r\na\r\n--b--\r\n",
        "nested": b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\na\r\n--c--\r\n--b--\r\n",
        "file_for_text": b'--b\r\nContent-Disposition: form-data; name="title"; filename="a.exe"\r\n\r\nMZ\r\n--b--\r\n',
        "only_end": b"--b--\r\n", "other_boundary": b"--c\r\n\r\na\r\n--c--\r\n",
        "many_parts": b"".join(b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % i for i in range(3_000)) + b"--b--\r\n",
        "bad_charset": b'--b\r\nContent-Disposition: form-data; name="title"\r\nContent-Type: text/plain; charset=martian'
        b"\r\n\r\n\xff\xfe\r\n--b--\r\n",
    }  # fmt: skip
    for name, body in parts.items():
        yield Request(name=f"multipart_{name}", path=FORM, body=body, kind="multipart/form-data; boundary=b")
