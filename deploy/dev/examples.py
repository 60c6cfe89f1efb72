"""Example cases for the demo, in every state: each goes its way through the services' own use cases, day by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import yaml

from deploy.dev.county import DATA, County
from deploy.dev.story import CHINA, CLERK, FOLLOWUP, SECRETARY
from services.intake.domain.submission import Channel, Identity, Petitioner, Submission
from services.intake.handlers.registration import register
from services.intake.vault.crypto import open_vault
from services.routing import handlers as routing
from shared.contract.person import Person

OPENS = datetime(2016, 12, 20, 8, 30, tzinfo=CHINA)
SPACE = UUID("01583d2b-1c00-7000-8000-431023431023")
HANDLED = {"received", "replied", "returned", "complex", "concluded", "reopened", "archived"}
REPLIED = {"replied", "returned", "concluded", "reopened", "archived"}
CONCLUDED = {"concluded", "reopened", "archived"}


class Examples:
    """Loads the example cases and leaves the clocks at `OPENS`; `meanwhile` is told every instant at which they stop."""

    def __init__(
        self, county: County, say: Callable[[str], None], meanwhile: Callable[[datetime], None] = lambda _: None
    ) -> None:
        self._county, self._say, self._meanwhile = county, say, meanwhile
        self._vault = open_vault(county.county.folder / "keys")

    def load(self) -> int:
        """Returns how many were loaded. Cases that came in on one day go on together."""
        entries = yaml.safe_load((DATA / "examples.yaml").read_text(encoding="utf-8"))
        days = sorted({entry["came"][:10] for entry in entries})
        for day in days:
            todays = [entry for entry in entries if entry["came"].startswith(day)]
            cases = [(entry, self._register(entry)) for entry in todays]
            self._dispatch([pair for pair in cases if "instruction" in pair[0]])
            self._say(f"{day}  {len(todays)} 件")
        self._go(OPENS)
        return len(entries)

    def _register(self, entry: dict[str, Any]) -> UUID:
        self._go(datetime.strptime(entry["came"], "%Y-%m-%d %H:%M").replace(tzinfo=CHINA))
        given = Submission(
            channel=Channel(entry["channel"]), title=entry["title"], text=entry["text"], category=entry["category"],
            place=entry["place"], identity=Identity.NAMED if entry["name"] else Identity.ANONYMOUS, group_size=entry.get("group", 1),
            petitioner=Petitioner(name=entry["name"], phone=entry["phone"]),
            brief_title=entry["title"] if "brief" in entry else "", brief=entry.get("brief", ""),
        )  # fmt: skip
        staff = entry["channel"] in {"letter", "visit", "call"}
        clerk = Person(official=CLERK, name="李秀英", post="信访接待室登记员", organisation="431023-xf") if staff else None
        with self._county.county.unit_of_work("intake") as uow:
            return register(uow, self._vault, given, key=uuid5(SPACE, entry["title"]), by=clerk).case_id

    def _dispatch(self, cases: list[tuple[dict[str, Any], UUID]]) -> None:
        """Instructed an hour later, all on one morning or afternoon; then each goes on."""
        if not cases:
            return
        self._later(timedelta(hours=1))
        for entry, case_id in cases:
            lead = "joint" in entry
            people = [(official, "lead" if lead else "handling") for official in entry["to"]]
            people += [(official, "joint") for official in entry.get("joint", [])]
            with self._county.county.unit_of_work("routing") as uow:
                routing.review(uow, case_id, SECRETARY)
                routing.instruct(uow, case_id, SECRETARY, entry["instruction"], people, "complex" if lead else "ordinary")
        self._later(timedelta(hours=1))
        self._handle([pair for pair in cases if pair[0]["goes"] in HANDLED])
        concluded = [pair for pair in cases if pair[0]["goes"] in CONCLUDED]
        self._later(timedelta(minutes=30))
        for entry, case_id in concluded:
            with self._county.county.unit_of_work("routing") as uow:
                for (reply,) in self._county.county.query("SELECT id FROM routing.reply WHERE case_id = %s", str(case_id)):
                    routing.approve(uow, reply, SECRETARY)
                routing.conclude(uow, case_id, SECRETARY, outcome="supported", summary=entry["findings"], answer=entry["answer"])
        if concluded:
            self._later(timedelta(hours=2))
        for entry, case_id in concluded:
            if entry["goes"] != "concluded":
                self._ask(case_id, "satisfied" if entry["goes"] == "archived" else "not_satisfied")

    def _handle(self, cases: list[tuple[dict[str, Any], UUID]]) -> None:
        for entry, case_id in cases:
            for official in (*entry["to"], *entry.get("joint", [])):
                instance = self._county.home(official)
                assignment = instance.query(
                    "SELECT id FROM routing.assignment WHERE case_id = %s AND responsible ->> 'official' = %s",
                    str(case_id),
                    official,
                )[0][0]
                with instance.unit_of_work("routing") as uow:
                    routing.receive(uow, assignment, official)
                    if "progress" in entry and official in entry["to"]:
                        routing.progress(uow, assignment, official, entry["progress"])
                    if entry["goes"] in REPLIED:
                        routing.reply(uow, assignment, official, outcome="supported", findings=entry["findings"],
                                      measures=entry["measures"], answer=entry["answer"])  # fmt: skip
        self._county.driver.rest.wait()
        for entry, case_id in cases:
            if entry["goes"] == "returned":
                reply = self._county.county.query("SELECT id FROM routing.reply WHERE case_id = %s", str(case_id))[0][0]
                with self._county.county.unit_of_work("routing") as uow:
                    routing.return_reply(uow, reply, SECRETARY, entry["returned"])

    def _ask(self, case_id: UUID, result: str) -> None:
        task = self._county.county.query("SELECT id FROM followup.task WHERE case_id = %s AND stage = 'open'", str(case_id))[0][0]
        self._county.desk(FOLLOWUP).send(f"/followup/tasks/{task}", f"/{task}", result=result, manner="telephone")

    def _later(self, pause: timedelta) -> None:
        self._go(self._county.driver.now + pause)

    def _go(self, moment: datetime) -> None:
        self._county.driver.advance(moment)
        self._meanwhile(moment)


__all__ = ["OPENS", "Examples"]
