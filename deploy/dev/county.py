"""A county and one township of it, linked, with everything running: what the demo and the journey tests stand on."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.desk import Desk
from deploy.dev.driver import Driver
from deploy.dev.existing import ExistingBroker, ExistingDatabase
from deploy.dev.instance import ROOT, Instance
from deploy.dev.intake_site import write_site
from deploy.dev.ports import LOOPBACK
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from services.routing import store
from services.routing.handlers import accounts, rule_file
from services.routing.handlers.directory import import_directory

COUNTY, TOWN = "431023", "431023104"
CONTACTS = {
    "letter": "永兴县县委信访接待室（邮编 423300）", "visit": "县委大院信访接待室，每周一书记接访", "call": "0735-5550000，24 小时",
    "email": "shuji@yongxing.example",
}  # fmt: skip
DATA = Path(__file__).parent / "data"


class County:
    """Yongxing and its town Bolin: two instances, each with a database and virtual host of its own, joined by a link."""

    def __init__(
        self, folder: Path, broker: Broker | ExistingBroker, database: Database | ExistingDatabase, *, begin: datetime, label: str = "",
        die_with_parent: bool = False, extra: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        env = {
            "ZHIDA_SIMULATED": "1",
            "ZHIDA_DEMO": "1",
            "ZHIDA_CONTACTS": json.dumps(CONTACTS, ensure_ascii=False),
            **(extra or {}),
        }
        self.county = Instance(COUNTY, folder / COUNTY, broker=broker, database=database, subordinates=(TOWN,), label=label, extra=env,
                               name="永兴县", name_en="Yongxing County", die_with_parent=die_with_parent)  # fmt: skip
        self.town = Instance(TOWN, folder / TOWN, broker=broker, database=database, services=("routing",), superior=self.county, label=label,
                             extra=env, name="柏林镇", name_en="Bolin Town", die_with_parent=die_with_parent)  # fmt: skip
        self.instances: tuple[Instance, ...] = (self.county, self.town)
        self.county.extra["ZHIDA_PUBLIC_URL"] = self.county.address()
        self.county.extra["ZHIDA_FILE_INTAKE"] = str(write_site(self.county.folder, self.smtp_port))
        self._begin, self._tether = begin, die_with_parent
        self._driver: Driver | None = None
        self._desks: dict[str, Desk] = {}

    def prepare(self) -> None:
        """Databases, virtual hosts, users, keys, directories, rules. May be run again."""
        for instance in self.instances:
            instance.prepare()
            with instance.unit_of_work("routing") as uow:
                import_directory(uow, (DATA / f"directory-{instance.org}.yaml").read_text(encoding="utf-8"), datetime.now(UTC))
            rules = DATA / f"rules-{instance.org}.yaml"
            with instance.unit_of_work("routing") as uow:
                if rules.exists() and not store.rules(uow):  # what somebody changed since stays
                    rule_file.load(uow, rules.read_text(encoding="utf-8"))

    def processes(self) -> list[tuple[Instance, Process, str]]:
        """Every process with the path that answers when it is up; the mail receiver answers no HTTP."""
        found = []
        for instance in self.instances:
            found.append((instance, instance.worker(), f"{instance.address('worker')}/readyz"))
            found.append((instance, instance.web(), f"{instance.address()}/readyz"))
        return found

    def start(self) -> None:
        """Start everything; returns when every process is ready."""
        running = self.processes()
        for _, process, _ in running:
            process.start()
        self.receiver.start()
        for _, process, address in running:
            process.wait_http(address, timeout=60)
        until(self._mail_answers, timeout=30, what="the mail receiver")

    def stop(self) -> None:
        """End every process of both instances."""
        for process in (self.receiver, *(process for _, process, _ in self.processes())):
            process.stop()
        for instance in self.instances:
            instance.disconnect()

    @property
    def receiver(self) -> Process:
        """The process that fetches and listens: the mail receiver, and what else the site's file names."""
        command = [sys.executable, "-m", "shared.cli", "intake", "channels"]
        return Process(
            "channels", command, folder=self.county.folder, cwd=ROOT, env=self.county.environment(), die_with_parent=self._tether
        )

    @property
    def smtp_port(self) -> int:
        """Where mails are taken in."""
        return self.county.port("smtp")

    @property
    def driver(self) -> Driver:
        """Who moves the time of both."""
        if self._driver is None:
            self._driver = Driver(self.instances, self._begin)
        return self._driver

    def link(self, official: str) -> str:
        """An address that signs an official in, once."""
        instance = self.home(official)
        with instance.unit_of_work("routing") as uow:
            token = accounts.make_link(uow, official, datetime.now(UTC))
        return f"{instance.address()}/sign-in/link/{token}"

    def home(self, official: str) -> Instance:
        """The instance in which an official works."""
        return self.town if official.startswith(f"o-{TOWN}") else self.county

    def desk(self, official: str) -> Desk:
        """An official, signed in at the instance where he works; anew once his session is over, for the clock may have been put on."""
        if official not in self._desks or not self._desks[official].signed_in():
            desk = Desk(self.home(official).address())
            desk.open(self.link(official))
            self._desks[official] = desk
        return self._desks[official]

    def _mail_answers(self) -> bool:
        import socket

        try:
            socket.create_connection((LOOPBACK, self.smtp_port), timeout=1).close()
        except OSError:
            return False
        return True
