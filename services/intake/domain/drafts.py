"""What a clerk is typing and has not sent yet. Pure: `now` is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from shared.errors import Refused

KEPT = timedelta(days=30)
LARGEST = 150_000  # characters of all fields together
BRIEF = "brief"  # the form that is not a channel's


@dataclass(frozen=True, kw_only=True, repr=False)
class Draft:
    """A form as it was typed, opened; `form` is a channel, or `brief` for the brief of the case `case_id`."""

    id: UUID
    form: str
    fields: Mapping[str, str]
    saved_at: datetime
    case_id: UUID | None = None
    number: str = ""

    @property
    def kept_until(self) -> datetime:
        """When it is thrown away unless it is saved again."""
        return self.saved_at + KEPT


def typed(form: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    """Of what a browser sent the form's own fields that are not empty. Raises Refused when it is more than anybody types."""
    found = {name: value for name, value in form.items() if name in names and value.strip()}
    if sum(map(len, found.values())) > LARGEST:
        raise Refused("draft", "草稿最多 %(max)s 个字。", "请分成几件登记，或先提交。", max=LARGEST)
    return found


def brief_of(case_id: UUID, official: str) -> UUID:
    """The one draft that an official has of a case's brief."""
    return uuid5(case_id, official)
