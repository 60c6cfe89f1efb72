"""An official's own view: what was sent to me, and what do I owe."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from services.supervision.handlers import ladder_lists
from services.supervision.web.common import WORDS, blueprint, reader_now, sight_of
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.frame import menu
from shared.web.session import Reader

RESPONSIBLE = (Role.FIRST_IN_COMMAND, Role.LEADER, Role.UNIT_HEAD, Role.OFFICER)


def _unseen(reader: Reader) -> int | None:
    with unit_of_work("supervision") as uow:
        return ladder_lists.unseen(uow, sight_of(reader))


menu(blueprint, _("我的督办"), ".mine", order=21, badge=_unseen)


@blueprint.get("/mine")
@allow(*RESPONSIBLE)
def mine() -> ResponseReturnValue:
    """What the reader owes and what was sent to him; that he has opened it is noted."""
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        owed, sent = ladder_lists.mine(uow, sight_of(reader))
        ladder_lists.note_seen(uow, reader.official_id, [row["id"] for row in sent if row["seen_at"] is None])
        now = uow.now
    return render_template("supervision/mine.html", owed=owed, sent=sent, words=WORDS, now=now)
