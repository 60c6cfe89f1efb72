"""Mail boxes that tests read: an office with accounts, reading in the background, and what came of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
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
