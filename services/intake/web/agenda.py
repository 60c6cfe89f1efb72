"""The reception calendar as iCalendar (RFC 5545): a session keeps its UID, and SEQUENCE says how often it was changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from services.intake.handlers.reception import Opening

ZONE = ZoneInfo("Asia/Shanghai")


def icalendar(openings: Sequence[Opening], *, title: str, domain: str) -> bytes:
    """The sessions, in times of Asia/Shanghai with its VTIMEZONE; cancelled ones stay, as cancelled. The same sessions, the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Zhida//{domain}//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", timedelta(hours=1))
    for opening in openings:
        calendar.add_component(_event(opening, title, domain))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(opening: Opening, title: str, domain: str) -> Event:
    session, who = opening.session, opening.receiver.person
    event = Event()
    event.add("uid", f"{session.id}@{domain}")
    event.add("dtstamp", session.changed_at.astimezone(UTC))
    event.add("last-modified", session.changed_at.astimezone(UTC))
    event.add("sequence", session.sequence)
    event.add("dtstart", _local(session.begins_at))
    event.add("dtend", _local(session.ends_at))
    event.add("summary", f"{title}：{who.name} {who.post}".strip())
    event.add("location", session.room)
    event.add("status", "CANCELLED" if session.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)
