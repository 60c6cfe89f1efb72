"""The rules as data: which figures they name, and the same rules as the Prometheus operator takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SOURCE = HERE / "rules.yaml"
Rule = dict[str, Any]

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMPARED = re.compile(r"\s*(?:==|!=|>=|<=|>|<)\s*[\d.]+(?:\s*[*/]\s*[\d.]+)*\s*$")
_LABELLED = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_MATCHED = re.compile(r"\{[^}]*\}")
_NAME = re.compile(r"(?<![\w:.])([a-zA-Z_][\w:]*)(?!\w*\s*\()")
_WORDS = {"or", "and", "unless", "bool", "offset", "by", "without", "on", "ignoring", "m", "h", "d", "s"}


def read(path: Path = SOURCE) -> list[Rule]:
    """Every rule in order, with the name of its `group`."""
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return [{**rule, "group": group["name"]} for group in groups for rule in group["rules"]]


def figures(expression: str) -> set[str]:
    """The names of the figures, recorded ones included, that an expression reads."""
    bare = _LABELLED.sub(" ", _MATCHED.sub(" ", _STRINGS.sub('""', expression)))
    bare = re.sub(r"\[[^\]]*\]", " ", bare)
    return {name for name in _NAME.findall(bare) if name not in _WORDS}


def labels(expression: str) -> set[str]:
    """The labels that an expression selects or groups by."""
    bare = _STRINGS.sub('""', expression)
    matched = {name for found in _MATCHED.findall(bare) for name in re.findall(r"([a-zA-Z_]\w*)\s*[=!]", found)}
    grouped = {name for found in _LABELLED.findall(bare) for name in re.findall(r"\w+", found.partition("(")[2])}
    return matched | grouped


def vectors(expression: str) -> Iterator[str]:
    """What an alert compares, without the numbers: each part is there as long as what it watches is. Raises ValueError."""
    for part in _parts(" ".join(expression.split())):
        bare = _COMPARED.sub("", part)
        if "absent" in bare or re.search(r"[<>]|==", _STRINGS.sub("", _MATCHED.sub("", bare))):
            raise ValueError(f"not a comparison of one vector with a number: {part}")
        yield bare


def _parts(expression: str) -> Iterator[str]:
    """Split at `and`, `unless` and `or` that stand in no bracket and no string."""
    depth, begun, place = 0, 0, 0
    while place < len(expression):
        if expression[place] == '"':
            place += len((_STRINGS.match(expression, place) or [""])[0]) or 1
            continue
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(expression[place], 0)
        joint = re.compile(r" (?:and|unless|or) ").match(expression, place)
        if joint and depth == 0:
            yield expression[begun:place]
            begun = place = joint.end()
            continue
        place += 1
    yield expression[begun:]


def manifest(path: Path = SOURCE) -> dict[str, Any]:
    """The same rules as an object of the Prometheus operator; once for a cluster, whichever instances it holds."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "zhida", "labels": {"app.kubernetes.io/name": "zhida"}},
        "spec": {"groups": yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]},
    }
