"""What is seen of a case: by who is barred from it, nothing, on no page and in no list, figure, search or file.

The county's pages are routing's and reporting's, whose read model hears what both instances tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule
from werkzeug.routing import Rule

from services.reporting.handlers import projecting
from services.routing import domain, store
from services.routing.workflow import AssignmentStage
from shared import keys
from shared.contract import Event
from shared.database import Database
from shared.errors import NotYet, Refused
from shared.web.server import build
from tests.integration.routing.browser import Browser
from tests.integration.routing.machine import Place
from tests.integration.routing.machine_keys import Keyed
from tests.integration.routing.machine_rules import HEADS, OFFICES, PEOPLE, number, one_or_other, somebody
from tests.integration.routing.world import EPB, OFFICE, SECRETARY, VICE, Instance

LISTS = ("review_queue", "replies_waiting", "unanswered", "must_be_referred_up", "referred", "alerts_of", "alerts_raised")
OWED = ("issued", "received", "objected", "progressed", "returned")
OF_CASES = {"case_id", "assignment_id", "reply_id"}


class Reports:
    """The county's reporting."""

    def __init__(self, county: Instance) -> None:
        url = county.settings.service_url("reporting")
        self.database = Database(url, service="reporting", org=county.org, simulated=True)
        self._org = county.org
        self._known: set[UUID] = set()
        self._waiting: list[Event] = []
        self.take(county.told())

    def take(self, events: Iterable[Event]) -> None:
        """What crosses the link, or is the county's own; one whose cause has not arrived waits."""
        fresh = [
            one for one in events if one.id not in self._known and one.contract.name in projecting.HEARS
            and not (one.contract.local and one.organisation != self._org)
        ]  # fmt: skip
        self._known |= {one.id for one in fresh}
        before, self._waiting = [*self._waiting, *fresh], []
        for event in before:
            try:
                with self.database.unit_of_work() as uow:
                    projecting.preload([event], uow)
                    uow.cause = event
                    projecting.HEARS[event.contract.name](event, uow)
            except NotYet:
                self._waiting.append(event)
            except Refused:
                pass


class Pages:
    """An instance's pages, each official with a browser of his own."""

    def __init__(self, instance: Instance) -> None:
        keys.make(instance.settings.keys)
        self._instance, self.app = instance, build(instance.settings)
        self._browsers: dict[str, Browser] = {}
        found = [one for one in self.app.url_map.iter_rules() if "GET" in (one.methods or ()) and one.arguments <= OF_CASES]
        self.rules = sorted(
            (one for one in found if one.endpoint.startswith(("routing.", "reporting", "api.")) and "sign-in" not in one.rule),
            key=lambda one: one.rule,
        )

    def open(self, official: str, path: str) -> Browser | None:
        """A page as somebody sees it; None where he cannot sign in."""
        for _ in range(2):
            if official in self._browsers:
                shown = self._browsers[official].get(path)
                if not shown.path.startswith("/sign-in"):
                    return shown
            one = Browser(self.app.test_client(), self._instance)
            try:
                self._browsers[official] = one.sign_in(official)
            except (Refused, AssertionError):
                return None
        return None

    def close(self) -> None:
        """Let go of the databases."""
        for database in self.app.extensions["zhida.databases"].values():
            database.close()


class Seen(Keyed):
    """The machine with everything that shows a case."""

    reports: Reports
    pages: dict[str, Pages]
    shown = 0  # pages that told of a case to who may know of it
    refused = 0  # and pages that were opened by one who may not

    def heard(self, place: Place, event: Event) -> None:
        super().heard(place, event)
        self.reports.take([event])

    def _told(self, place: Place, events: list[Event]) -> None:
        self.reports.take(events)

    @rule(which=one_or_other, official=somebody)
    def look(self, which: int, official: str) -> None:
        """No list shows anything of a case to who is barred from it, and no badge counts it."""
        type(self).steps += 1
        place, case = self._at(which)
        if not place.barred(case, official):
            return
        posts = sorted(domain.posts_of(official, place.directory))
        sight = {"me": official, "posts": posts, "own": place.org, "at": place.now, "limit": 10_000, "wanted": None}
        everywhere = {"official": official, "organisations": list(place.directory.organisations)}
        with place.instance.work() as uow:
            found = {name: uow.all(store.SQL[name], **sight) for name in LISTS}
            counted = [uow.all(store.SQL[name], **sight)[0]["n"] for name in ("review_count", "assignments_owed_count")]
            found["listed"] = uow.all(
                store.SQL["assignments_listed"], **sight, **everywhere, stages=[str(one) for one in AssignmentStage]
            )
            found["seen"] = uow.all(store.SQL["case_seen"], **sight, case=case)
            noted = uow.all("SELECT id FROM alert WHERE official = %(who)s AND case_id = %(case)s", who=official, case=case)
            sent = uow.all(store.SQL["alert_lines"], ids=[str(row["id"]) for row in noted])
        assert sent == [], "one who is barred is told of the case"
        shown = {row.get("case_id", row.get("id")) for rows in found.values() for row in rows}
        assert case not in shown, "one who is barred sees the case"
        owed = [row for row in found["listed"] if row["responsible"]["official"] == official and row["stage"] in OWED]
        assert counted == [len(found["review_queue"]), len(owed)], "a badge counts a case that is kept from its reader"

    @rule(
        which=one_or_other, official=st.none() | st.none() | somebody, pick=number,
        pages=st.lists(st.integers(0, 999), min_size=1, max_size=4),
    )  # fmt: skip
    def open_pages(self, which: int, official: str | None, pick: int, pages: list[int]) -> None:
        """No page shows a word of a case to who is barred from it (None: one of them): no list, search or file."""
        place, case = self._at(which)
        who = [one for one in PEOPLE if place.barred(case, one)] or [HEADS[place.org], OFFICES[place.org]]
        rules = self.pages[place.org].rules
        for page in pages:
            self._open(place, case, official or who[pick % len(who)], rules[page % len(rules)], pick)

    @rule(who=st.sampled_from((SECRETARY, OFFICE, VICE, EPB)))
    def accuse_and_look(self, who: str) -> None:
        """Somebody of the county's, complained of from now on, looks where he has always seen its cases."""
        place, case = self.places["431023"], self.cases["431023"]
        self.complain(0, who, None)
        self.look(0, who)
        for chosen in self.pages[place.org].rules:
            if chosen.endpoint in ("reporting.cases", "reporting.case", "routing.case"):
                self._open(place, case, who, chosen, 0)

    def _open(self, place: Place, case: UUID, official: str, chosen: Rule, pick: int) -> None:
        """Of a case that is kept from him, nothing is on a page; and asked for itself it is not there."""
        type(self).steps += 1
        ids = {"case_id": case, "assignment_id": self._assignment(place, case, pick), "reply_id": self._reply(place, case, pick)}
        _, path = chosen.build({name: ids[name] for name in chosen.arguments}) or ("", "")
        shown = self.pages[place.org].open(official, path + ("?q=brief" if path.startswith("/reporting/cases") else ""))
        if shown is None:
            return
        assert shown.status < 500, chosen.rule
        if not place.barred(case, official):
            type(self).shown += self.words[case] in shown.page
        else:
            type(self).refused += 1
            assert self.words[case] not in shown.page, f"{official} is barred and reads of the case on {chosen.rule}"
            assert not chosen.arguments or shown.status in (401, 403, 404), f"{official} is barred and was let open {chosen.rule}"
