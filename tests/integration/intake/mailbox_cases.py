"""Mail boxes that tests read: an office with accounts, reading in the background, and what came of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.dev.waiting import until
from services.intake.channels import mailboxes
from services.intake.channels.fetchers import Office, run_all
from services.intake.site import SiteFile
from services.intake.vault.crypto import Vault
from shared.config import Settings
from shared.database import Database
from tests.integration.intake.dovecot import PASSWORD, Dovecot
from tests.integration.intake.intake_cases import a_mail

TAKEN = {"\\Seen", "$ZhidaTaken"}


def ids(count: int, first: int = 0) -> list[str]:
    return [f"<box-{n}@example.org>" for n in range(first, first + count)]


def fill(dovecot: Dovecot, user: str, names: list[str]) -> None:
    for name in names:
        dovecot.put(user, a_mail(name, f"{name} 井水发黑。"))


def an_account(folder: Path, user: str, port: int, **changes: Any) -> dict[str, Any]:
    """An account as the site's file has it."""
    secret = folder / "password"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    known = {"name": "letters", "host": "127.0.0.1", "port": port, "tls": "none", "user": user, "password_file": str(secret)}
    return known | changes


def an_office(settings: Settings, intake: Database, vault: Vault, **mail: Any) -> Office:
    return Office(settings=settings, site=SiteFile().load({"mail": mail}).at(settings.keys), database=intake, vault=vault)


@contextmanager
def reading(office: Office) -> Iterator[None]:
    """Boxes are read in the background until the block ends; then it has drained."""
    stopping = threading.Event()
    thread = threading.Thread(target=run_all, args=(mailboxes.fetchers(office), stopping))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(30)
        assert not thread.is_alive()


@dataclass(frozen=True, kw_only=True)
class Letters:
    """A box of the test's own, and what reads it."""

    settings: Settings
    intake: Database
    vault: Vault
    dovecot: Dovecot
    user: str
    folder: Path

    def account(self, port: int | None = None, **changes: Any) -> dict[str, Any]:
        """The box as the site's file has it; read from its server, or through another port."""
        return an_account(self.folder, self.user, port or self.dovecot.ports["imap"], **changes)

    def office(self, port: int | None = None, **changes: Any) -> Office:
        """An office that reads this box alone."""
        return an_office(self.settings, self.intake, self.vault, accounts=[self.account(port, **changes)])

    def read(self, port: int | None = None, **changes: Any) -> AbstractContextManager[None]:
        """It is read in the background until the block ends."""
        return reading(self.office(port, **changes))

    def fill(self, names: list[str]) -> None:
        """A mail of each name comes in."""
        fill(self.dovecot, self.user, names)

    def flags(self) -> dict[int, set[str]]:
        """Those of each mail."""
        return self.dovecot.flags(self.user)

    def all_taken(self, count: int, flags: set[str] = TAKEN) -> None:
        """Until so many mails lie in the box, each of them flagged."""
        all_taken(self.dovecot, self.user, count, flags)

    def registered(self) -> Counter[str]:
        """How often each mail stands there as a petition, by its Message-ID."""
        return registered(self.intake, self.vault)

    def exactly_once(self, names: list[str]) -> None:
        """Each mail is registered once, with its original, its event and its receipt."""
        exactly_once(self.intake, self.vault, names)


def registered(intake: Database, vault: Vault) -> Counter[str]:
    """How often each mail stands there as a petition, by its Message-ID."""
    with intake.unit_of_work() as uow:
        rows = uow.all("SELECT case_id, data_key, words FROM sealed")
    return Counter(
        vault.open_key(row["case_id"], bytes(row["data_key"])).open_json("text", bytes(row["words"]))["particulars"]["message_id"]
        for row in rows
    )


def all_taken(dovecot: Dovecot, user: str, count: int, flags: set[str] = TAKEN) -> None:
    """Until so many mails lie in the box, each of them flagged."""

    def done() -> bool:
        found = dovecot.flags(user)
        return len(found) == count and all(flags <= shown for shown in found.values())

    until(done, timeout=40, what=f"{count} mails of {user} to be flagged")


def exactly_once(intake: Database, vault: Vault, names: list[str]) -> None:
    """Each mail is registered once, with its original, its event and its receipt."""
    found = registered(intake, vault)
    assert found == Counter(names), f"registered {dict(found)}"
    with intake.unit_of_work() as uow:
        counts = uow.one(
            "SELECT (SELECT count(*) FROM original) AS originals, (SELECT count(*) FROM unread_mail) AS unread,"
            " (SELECT count(*) FROM event_log WHERE name = 'case.registered') AS told"
        )
    assert counts == {"originals": len(names), "unread": 0, "told": len(names)}
