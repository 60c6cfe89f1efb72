"""What people decide: drawn for each matter by its name, so that the order in which matters come up changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Lots:
    """Draws that follow from the seed and the name of what is decided, from nothing else: no clock, no order, no id."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def number(self, below: int, *name: object) -> int:
        """A number from 0, below a bound."""
        text = "|".join(map(str, (self._seed, *name)))
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) % below

    def between(self, least: int, most: int, *name: object) -> int:
        """A number between two bounds, both included."""
        return least + self.number(most - least + 1, *name)

    def happens(self, per_mille: int, *name: object) -> bool:
        """Whether something happens that happens so often in a thousand."""
        return self.number(1000, *name) < per_mille

    def pick(self, among: Sequence[T], *name: object) -> T:
        """One of several."""
        return among[self.number(len(among), *name)]
