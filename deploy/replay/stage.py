"""What a replay is played on: a county with its workers and its mail receiver, and when it is over its pages and its clock's flow."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from deploy.dev.broker import Broker
from deploy.dev.county import CONTACTS
from deploy.dev.database import Database
from deploy.dev.existing import ExistingBroker, ExistingDatabase
from deploy.dev.instance import ROOT
from deploy.dev.intake_site import write_site
from deploy.dev.ports import LOOPBACK
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from deploy.replay import plan
from deploy.replay.aims import Aims
from deploy.replay.county import YONGXING, County, Place
from deploy.replay.plan import Planned
from deploy.replay.playing import Replay
from deploy.replay.window import Days


class Stage:
    """A county in a folder, on these servers."""

    def __init__(
        self, folder: Path, broker: Broker | ExistingBroker, database: Database | ExistingDatabase, *, begin: date, place: Place = YONGXING,
        label: str | None = None, die_with_parent: bool = True,
    ) -> None:  # fmt: skip
        extra = {"ZHIDA_DEMO": "1", "ZHIDA_CONTACTS": json.dumps(CONTACTS, ensure_ascii=False)}
        self.county = County(
            folder,
            broker,
            database,
            begin=begin,
            place=place,
            together=1,
            label=label,
            die_with_parent=die_with_parent,
            extra=extra,
        )
        self.instance = self.county.instance
        self._smtp, self._tether = self.instance.port("smtp"), die_with_parent
        self.instance.extra["ZHIDA_PUBLIC_URL"] = self.instance.address()
        self.instance.extra["ZHIDA_FILE_INTAKE"] = str(write_site(self.instance.folder, self._smtp))

    def start(self) -> None:
        """Start the workers and the mail receiver; returns when all are ready."""
        self.county.start()
        self._receiver().start()
        until(self._mail_answers, timeout=60, what="the mail receiver")

    def play(self, aims: Aims, seed: int, tell: Callable[[date], None] = lambda day: None) -> list[Planned]:
        """Plan cases and live their days; `tell` is told each day that is over. The cases as they were planned."""
        days = Days(aims.first, aims.last, self.county.calendar.is_working)
        cases = plan.make(aims, days, seed, self.county.people.units)
        Replay(self.county, cases, seed, self._smtp).play(aims.first, aims.last, tell)
        return cases

    def open(self) -> None:
        """Start the pages, and let time flow from here on."""
        web = self.instance.web()
        web.start()
        web.wait_http(f"{self.instance.address()}/readyz", timeout=60)
        url = self.instance.server.url(self.instance.database_name)
        self._process("flow", "deploy.dev.flow", url).start()

    def stop(self) -> None:
        """End everything that was started here."""
        self._receiver().stop()
        self.county.stop()

    def _receiver(self) -> Process:
        return self._process("channels", "shared.cli", "intake", "channels")

    def _process(self, name: str, *module: str) -> Process:
        return Process(
            name, [sys.executable, "-m", *module], folder=self.instance.folder, cwd=ROOT, env=self.instance.environment(),
            die_with_parent=self._tether,
        )  # fmt: skip

    def _mail_answers(self) -> bool:
        try:
            socket.create_connection((LOOPBACK, self._smtp), timeout=1).close()
        except OSError:
            return False
        return True
