"""Taking a mail in, whichever way it came: one transaction, and a mail that breaks our own code is kept all the same."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from services.intake.channels.fetchers import place_of
from services.intake.handlers.mails import PLAIN, Taken, keep, take_mail
from services.intake.metrics import record_mail, record_registration
from services.intake.site.mail import MailSite
from services.intake.vault.crypto import Vault
from shared.database import Database, UnitOfWork
from shared.errors import Unavailable

log = logging.getLogger(__name__)
Also = Callable[[UnitOfWork, Taken], None]


def take(
    database: Database, vault: Vault, raw: bytes, *, null_sender: bool = False, recipients: Sequence[str] = (),
    site: MailSite = PLAIN, also: Also = lambda uow, taken: None,
) -> Taken:  # fmt: skip
    """Take one mail in, in a transaction of its own, in which `also` notes it where it came from.

    Raises Unavailable: nothing was stored, or it is not known.
    """
    try:
        with database.unit_of_work() as uow:
            taken = take_mail(uow, vault, raw, null_sender=null_sender, recipients=recipients, site=site)
            also(uow, taken)
    except Unavailable:
        raise
    except Exception as fault:  # a mistake of ours must not stand in the way of the mails behind it
        log.error("a mail is kept because of %s", place_of(fault))
        with database.unit_of_work() as uow:
            taken = keep(uow, vault, raw, "broken")
            also(uow, taken)
    _count(taken)
    return taken


def _count(taken: Taken) -> None:
    record_mail("repeat" if taken.again else "joined" if taken.joined else "registered" if taken.number else "unread")
    if taken.number and not taken.again and not taken.joined:
        record_registration("email")
