"""What an instruction says beside its words: a limit of its own, that it is confidential, what is enclosed. Never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.errors import Refused

CHINA = ZoneInfo("Asia/Shanghai")
MOST_DAYS = 60  # art. 34: no case is given more


@dataclass(frozen=True, kw_only=True)
class Directions:
    """`limit_days`: calendar days to the reply, where they are fewer than the policy's. `confidential`: the case is open to the
    persons responsible, and to the first-in-command and the office of whoever decides on it, and to nobody else, until a further
    instruction says otherwise. `enclosures`: the names and digests of handwriting and recordings.
    """

    limit_days: int | None = None
    confidential: bool = False
    enclosures: tuple[dict[str, Any], ...] = ()

    def as_told(self) -> dict[str, Any]:
        """As events tell it."""
        return {"limit_days": self.limit_days, "confidential": self.confidential, "enclosures": list(self.enclosures)}


PLAIN = Directions()


def told(data: Mapping[str, Any]) -> Directions:
    """What an event tells; one of an older version tells nothing of it."""
    return Directions(
        limit_days=data.get("limit_days"),
        confidential=data.get("confidential", False),
        enclosures=tuple(data.get("enclosures", ())),
    )


def check_limit(days: int | None, *, now: datetime, conclude_by: datetime | None) -> None:
    """Refuse a limit that lets the reply come after the case's own limit, so far as that is known and has not passed. Raises Refused.

    Supervision alone keeps the clock: whatever stands here, the earlier limit is the one that counts.
    """
    if days is None:
        return
    if not 1 <= days <= MOST_DAYS:
        raise Refused("limit_days", "批示的期限须为1至%(most)s日。", "请改正，或不填（按规定的期限）。", most=MOST_DAYS)
    last = datetime.combine(now.astimezone(CHINA).date() + timedelta(days=days + 1), time(0), CHINA)
    if conclude_by is not None and now < conclude_by < last:
        day = (conclude_by - timedelta(microseconds=1)).astimezone(CHINA).date()
        raise Refused(
            "limit_days",
            "批示的期限只能比规定的短：本件须在%(day)s前办结。",
            "请改短，或不填（按规定的期限）。",
            day=day.isoformat(),
        )
