"""An official in a post, as events name one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who acted or is addressed: a named official in a post. Never a petitioner."""

    official: str
    name: str
    post: str
    organisation: str

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Person:
        """From an event's data or a stored row."""
        return cls(official=data["official"], name=data["name"], post=data["post"], organisation=data["organisation"])

    def as_data(self) -> dict[str, str]:
        """As an event's data holds it."""
        return {"official": self.official, "name": self.name, "post": self.post, "organisation": self.organisation}
