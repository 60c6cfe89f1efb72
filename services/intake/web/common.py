"""What the pages share: the blueprint, who reads, the vault, refusals in the words of the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.domain.submission import CHINA, Channel, Submission
from services.intake.domain.viewing import Hidden, Viewer
from services.intake.files.cabinet import Cabinet, open_cabinet
from services.intake.handlers.registration import Receipt
from services.intake.metrics import record_hidden, record_registration
from services.intake.schemas import LABELS
from services.intake.schemas.petition import submission
from services.intake.site import Site, read_site
from services.intake.store import SQL, PastEnd
from services.intake.vault.crypto import Vault, open_vault
from services.intake.web.words import WORDS
from services.intake.web.words.categories import Names
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web import forms
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput
from shared.web.frame import language, local, with_args
from shared.web.session import Reader, current_reader

EDITORS = ("clerk", "office")
READERS = ("clerk", "office", "first_in_command", "leader", "unit_head", "officer")
PAGE = 50

blueprint = Blueprint(
    "intake", "services.intake", template_folder="templates", static_folder="static", static_url_path="/intake/static"
)


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    """`words.<table>` and `labels` for this blueprint's templates. The categories' words are data of the site."""
    if request.blueprint != blueprint.name:
        return {}
    return {"words": WORDS | {"categories": Names(site().tree, language())}, "labels": LABELS}


@blueprint.app_template_filter("mailed")
def mailed(written: str) -> str:
    """The date of a mail as people here write it; one that cannot be read stays as it is."""
    try:
        return f"{local(parsedate_to_datetime(written)):%Y-%m-%d %H:%M}"
    except (ValueError, TypeError, OverflowError):  # strangers write this; a date without a zone is none of ours
        return written


@blueprint.record
def _read_site(state: BlueprintSetupState) -> None:
    """What the county decided is read once, when the process starts; a mistake in it ends the start."""
    state.app.extensions["zhida.intake.site"] = read_site(state.app.extensions["zhida"].settings)


def site() -> Site:
    """What the county decided about its intake."""
    found: Site = current_app.extensions["zhida.intake.site"]
    return found


@blueprint.errorhandler(Hidden)
def _hidden(fault: Hidden) -> ResponseReturnValue:
    """Somebody tried a case that is not theirs to see: answered as if there were none."""
    note_hidden()
    return forms.show(fault)


@blueprint.errorhandler(PastEnd)
def _past_end(fault: PastEnd) -> ResponseReturnValue:
    """A list that grew shorter meanwhile, or an address that was typed: its last page is shown."""
    return redirect(with_args(page=fault.last))


def note_hidden() -> None:
    """Log a try at a case that is not theirs to see, without saying whose it is."""
    reader = current_reader()
    current_app.extensions["zhida"].refused(request.endpoint, reader and reader.official_id, "hidden")
    record_hidden()


def costly_rate() -> str:
    """How often one visitor may do what takes room or places from others."""
    return getattr(current_app.extensions["zhida"].settings, "costly_rate_limit", "10 per hour")


def public_rate() -> str:
    """How often one visitor may submit or track; a benchmark raises it by the setting."""
    return getattr(current_app.extensions["zhida"].settings, "public_rate_limit", "120 per minute")


def vault() -> Vault:
    """This process's vault, opened at its first use. Raises Unavailable without a master key."""
    kept = current_app.extensions
    if "zhida.intake.vault" not in kept:
        kept["zhida.intake.vault"] = open_vault(kept["zhida"].settings.keys)
    found: Vault = kept["zhida.intake.vault"]
    return found


def cabinet() -> Cabinet:
    """Where this process keeps files, opened at its first use."""
    kept = current_app.extensions
    if "zhida.intake.cabinet" not in kept:
        kept["zhida.intake.cabinet"] = open_cabinet(site().files)
    found: Cabinet = kept["zhida.intake.cabinet"]
    return found


def viewer_of(reader: Reader) -> Viewer:
    """A signed-in official as the domain sees one. A bar may name the official or any organisation of a post."""
    first = reader.posts[0] if reader.posts else {"title": "", "org": reader.org}
    return Viewer(
        person=Person(official=reader.official_id, name=reader.name, post=first["title"], organisation=first["org"]),
        roles=reader.roles, of_instance=reader.sees(current_app.extensions["zhida"].settings.org),
        codes=frozenset({reader.official_id, reader.org, *(post["org"] for post in reader.posts)}),
    )  # fmt: skip


def viewer() -> Viewer:
    """The official who is signed in; a view that asks is not public."""
    reader = current_reader()
    if reader is None:
        raise RuntimeError("no reader on a page that is open to readers only")
    return viewer_of(reader)


def registered(receipt: Receipt, channel: str) -> None:
    """Count a petition that was committed; a receipt that is shown again is not counted again."""
    if not receipt.again:
        record_registration(channel)


def channel_of(name: str) -> Channel:
    """The channel in an address; none such: 404."""
    if name not in set(Channel):
        abort(404)
    return Channel(name)


def today(uow: UnitOfWork) -> date:
    """The day in the county."""
    return uow.now.astimezone(CHINA).date()


def submitted(uow: UnitOfWork, data: Mapping[str, Any], channel: Channel) -> Submission:
    """A petition out of a checked form or body. Raises Refused for a category that cannot be chosen today."""
    site().tree.check(data["category"], today(uow))
    return submission(data, channel, language=language())


def category_groups(uow: UnitOfWork, kept: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """The categories that may be chosen today, for a select in two levels; and the one that a case has kept."""
    names = Names(site().tree, language())
    groups = names.groups(today(uow))
    offered = {code for _, options in groups for code, _ in options}
    return groups if kept in offered | {""} else [(gettext("已停用"), [(kept, names[kept])]), *groups]


def explained(fault: BadInput | Refused) -> BadInput:
    """What was wrong, with the form's own name of the field. What is hidden or forbidden stays an error of its own."""
    if isinstance(fault, BadInput):
        return fault
    if fault.status in (403, 404):
        raise fault
    rule, remedy = (gettext(text, **fault.values) for text in (fault.rule, fault.remedy))
    error = {"field": fault.field, "label": str(LABELS.get(fault.field, "")), "rule": rule, "remedy": remedy}
    return BadInput([error], status=fault.status)


def drawn_again(fault: BadInput | Refused, draw: Callable[..., str]) -> ResponseReturnValue:
    """A form once more, with what was sent and what was wrong beside it. `draw(errors=, values=)` draws the page."""
    bad = explained(fault)
    values = request.form.to_dict() if bad.values is None else bad.values
    shown = {name: "\n".join(map(str, value)) if isinstance(value, list) else value for name, value in values.items()}
    return draw(errors=bad.errors, values=shown), bad.code or 422


def acted(act: Callable[[UnitOfWork], Any], draw: Callable[..., str], *, said: str, back: str) -> ResponseReturnValue:
    """Do what a form asks for, say so and go back; what was wrong is shown on the page that `draw(errors=, values=)` draws."""
    try:
        with unit_of_work("intake") as uow:
            act(uow)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, draw)
    flash(said)
    return redirect(back, 303)


def places(uow: UnitOfWork) -> list[tuple[str, str]]:
    """The county and its townships, as (code, name), for choosing where something happened."""
    english = language() == "en"
    rows = uow.all(SQL["organisations"])
    return [(row["code"], row["name_en"] if english else row["name"]) for row in rows if row["code"].isdigit()]
