"""Files that somebody wrote for a command: read up to a size, and as YAML up to so many values, each with its line."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import yaml

LARGEST = 2**20  # bytes
MOST_VALUES = 20_000  # an alias repeats all that it stands for


class BadYaml(ValueError):
    """Tell whoever wrote the file what is wrong on which line; 0: in the whole of it."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(f"line {line}: {words}" if line else words)
        self.line, self.words = line, words


def read_file(path: Path, largest: int = LARGEST) -> bytes:
    """A file's bytes. Raises OSError, also for one that is larger."""
    with path.open("rb") as source:
        found = source.read(largest + 1)
    if len(found) > largest:
        raise OSError(errno.EFBIG, f"larger than {largest // 2**20} MB")
    return found


def compose(text: str) -> yaml.Node | None:
    """The tree of a text; None for an empty one. Raises BadYaml."""
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _count(root, [0])
    except yaml.MarkedYAMLError as fault:
        raise BadYaml(fault.problem_mark.line + 1 if fault.problem_mark else 0, f"not YAML: {fault.problem}") from fault
    except (yaml.YAMLError, RecursionError) as fault:
        raise BadYaml(0, "not YAML, or nested too deeply") from fault
    return root


def _count(node: yaml.Node, seen: list[int]) -> None:
    seen[0] += 1
    if seen[0] > MOST_VALUES:
        raise BadYaml(node.start_mark.line + 1, f"more than {MOST_VALUES} values")
    if isinstance(node, yaml.CollectionNode):
        for inner in node.value:
            for one in inner if isinstance(inner, tuple) else (inner,):
                _count(one, seen)


def plain(node: yaml.Node) -> Any:
    """Lists, mappings and texts: YAML would read 11:30 as a number of seconds, and `on` as yes."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(value) for value in node.value]
    return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)
