"""What is wrong with a file that an official hands in: every fault at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.errors import ZhidaError


class BadFile(ZhidaError):
    """Tell the person: the file was not taken. `faults` name the entry and what is wrong with it, one to a line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def unreadable(fault: Exception) -> str:
    """What is wrong with a file that is no YAML, by its place: the parser's own words are English."""
    mark = getattr(fault, "problem_mark", None)
    if mark is not None:
        return f"不是有效的 YAML 文件：第 {mark.line + 1} 行第 {mark.column + 1} 列附近有误，请核对缩进、引号和括号"
    return "不是有效的 YAML 文件：有不存在的日期，或层次太多"


def lines_of(messages: Any, raw: Any, path: str = "") -> Iterator[str]:
    """`officials[3] o-431023-x posts[0].roles[1]: ...`: where it is, whose entry it is, what is wrong."""
    if not isinstance(messages, Mapping):
        yield from (f"{path or '文件'}: {message}" for message in messages)
        return
    for key, inner in messages.items():
        value = None
        if isinstance(raw, Mapping):
            value = raw.get(key)
        elif isinstance(raw, list) and isinstance(key, int):
            value = raw[key]
        step = f"[{key}]{_named(value)}" if isinstance(key, int) else (str(key) if key != "_schema" else "")
        joint = "" if isinstance(key, int) or not path or path.endswith(" ") else "."
        yield from lines_of(inner, value, f"{path}{joint}{step}")


def _named(entry: Any) -> str:
    name = entry.get("code") or entry.get("official") if isinstance(entry, Mapping) else None
    return f" {name} " if name else ""
