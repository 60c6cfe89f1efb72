"""Who works in the county of the year."""

from __future__ import annotations

from deploy.replay.people import People

WHO = People("431023")
SECRETARY, OFFICE, SUPERVISOR, ASKER = WHO.secretary, WHO.office, WHO.supervisor, WHO.asker
DIRECTOR, CLERK = WHO.director, WHO.clerk
HEADS, UNITS, LEADS, LEADERS = WHO.heads, WHO.units, WHO.leads, WHO.leaders
