"""One table for each workflow: which action leads from which stages to which stage. Everything else is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from shared.errors import Conflict

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Workflow(Generic[S]):
    """`moves` maps each action to the stages it may start from and the stage it leads to."""

    name: str
    moves: Mapping[str, tuple[frozenset[S], S]]

    def move(self, stage: S, action: str) -> S:
        """The stage after `action`. Raises Conflict when the table has no such move."""
        sources, target = self.moves[action]
        if stage not in sources:
            raise Conflict("action", "当前阶段“%(stage)s”不能执行该操作。", "请刷新页面，查看最新进展。", stage=str(stage))
        return target

    def allows(self, stage: S, action: str) -> bool:
        """Whether the table has the move."""
        return stage in self.moves[action][0]

    def pairs(self) -> Iterator[tuple[S, S]]:
        """Every (stage, next stage) of the table, for the guard in the database."""
        for sources, target in self.moves.values():
            for source in sources:
                yield source, target
