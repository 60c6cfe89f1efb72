"""Whether a reply is what its signer signed: a page for everybody who works here, the reply for printing, and its signed form.

The page says who signed what and when, not what the reply says; so it is open to all but those who are barred from the case.
"""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import UUID

import segno
from flask import current_app, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from services.routing import store
from services.routing.domain import Reply
from services.routing.domain.keys import SOUND
from services.routing.handlers import signing, verifying
from services.routing.store import REPLIES
from services.routing.web.accounts import EVERYBODY
from services.routing.web.assignments import organisations_of
from services.routing.web.common import blueprint, log, reader, seen_one
from shared.database import UnitOfWork
from shared.errors import NotFound
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work

Row = dict[str, Any]
RECORD = (Role.FIRST_IN_COMMAND, Role.OFFICE, Role.SUPERVISION_OFFICE, Role.AUDITOR)
MIME = {"png": "image/png", "jpeg": "image/jpeg", "pdf": "application/pdf"}


def _may_read(uow: UnitOfWork, row: Row) -> bool:
    """Whether the reader may read what the reply says.

    Its signer; unless it is confidential to him, whoever keeps the record, the signer's unit while the assignment stands, and who
    leads the round.
    """
    me = reader()
    if row["signature"]["official"] == me.official_id or not row["readable"]:
        return bool(row["signature"]["official"] == me.official_id)
    if me.may(*RECORD) or row["led"]:
        return True
    return row["stage"] != "withdrawn" and row["responsible"]["organisation"] in organisations_of(store.directory(uow))


def _read(uow: UnitOfWork, reply_id: UUID) -> tuple[Row, Reply]:
    """A reply to read. Raises NotFound, and logs the try."""
    row = seen_one(uow, "reply_seen", reply=reply_id)
    if not _may_read(uow, row):
        log.warning("not theirs: reply %s %s", reply_id, reader().official_id)
        raise NotFound("reply", "没有找到该份回复。", "请核对后重试。")
    return row, _entity(row)


def _entity(row: Row) -> Reply:
    return REPLIES.from_row([row[column] for column in REPLIES.codecs])


@blueprint.get("/routing/verify/<uuid:reply_id>")
@allow(*EVERYBODY)
def verify(reply_id: UUID) -> ResponseReturnValue:
    """Who signed, in which post, when, what the signature covers, with which key, and whether it holds."""
    with unit_of_work("routing") as uow:
        row = seen_one(uow, "reply_seen", reply=reply_id)
        reply, readable = _entity(row), _may_read(uow, row)
        standing = signing.standing(uow, reply, row["instance"])
        known = signing.keys_of(uow, reply.signature["official"], row["instance"])
        directory = store.directory(uow)
    key = next((one for one in known if str(one.key_id) == reply.signature.get("key_id")), None)
    unit = directory.organisations.get(reply.signature["organisation"])
    return render_template(
        "routing/verify.html", reply=reply, number=verifying.number(row["number"], reply), standing=standing, sound=standing in SOUND,
        key=key, readable=readable, unit=unit.name if unit else reply.signature["organisation"],
    )  # fmt: skip


@blueprint.get("/routing/replies/<uuid:reply_id>/print")
@allow(*EVERYBODY)
def print_reply(reply_id: UUID) -> ResponseReturnValue:
    """The reply on A4, with its number, its signature block and a code that leads to the page above."""
    with unit_of_work("routing") as uow:
        row, reply = _read(uow, reply_id)
        standing = signing.standing(uow, reply, row["instance"])
        names = {code: one.name for code, one in store.directory(uow).organisations.items()}
    ended = row["stage"] == "withdrawn" and not reader().may(*RECORD)  # what is left is his own part, without the case's title
    where = _address(url_for("routing.verify", reply_id=reply_id))
    return render_template(
        "routing/reply_print.html", reply=reply, title="" if ended else row["title"], number=verifying.number(row["number"], reply),
        standing=standing, sound=standing in SOUND, where=where, code=_code(where), verdict=row["verdict"],
        unit=names.get(reply.signature["organisation"], reply.signature["organisation"]), to=names.get(row["issuer"], row["issuer"]),
    )  # fmt: skip


@blueprint.get("/routing/replies/<uuid:reply_id>/signed.json")
@allow(*EVERYBODY)
def signed_form(reply_id: UUID) -> ResponseReturnValue:
    """The signed form as a file, for `zhida routing verify FILE`."""
    with unit_of_work("routing") as uow:
        row, reply = _read(uow, reply_id)
    text = json.dumps(verifying.as_file(reply, row["instance"]), ensure_ascii=False, indent=1)
    return send_file(
        io.BytesIO(text.encode()), mimetype="application/json", as_attachment=True, download_name=f"reply-{reply_id}.json"
    )


@blueprint.get("/routing/replies/<uuid:reply_id>/page")
@allow(*EVERYBODY)
def signature_page(reply_id: UUID) -> ResponseReturnValue:
    """The scanned page that the reply was signed with. From another instance only its name and digest came."""
    with unit_of_work("routing") as uow:
        row, reply = _read(uow, reply_id)
        digest = str((reply.page or {}).get("sha256"))
        found = uow.one(store.SQL["page_of_reply"], assignment=reply.assignment_id, sha256=digest)
    if found is None:
        raise NotFound("page", "本系统没有这份签字页。", "由其他单位署名的，请向该单位调取；摘要见回复。")
    name = f"{row['number']}-{digest[:8]}.{found['form']}"
    return send_file(
        io.BytesIO(bytes(found["content"])),
        mimetype=MIME[found["form"]],
        as_attachment=found["form"] == "pdf",
        download_name=name,
    )


def _address(path: str) -> str:
    """The address as it is printed: the site's public one where it has one."""
    public: str = getattr(current_app.extensions["zhida"].settings, "public_url", "").rstrip("/")
    return f"{public}{path}" if public else url_for("routing.desk", _external=True).removesuffix(url_for("routing.desk")) + path


def _code(text: str) -> Markup:
    """A QR code, drawn into the page."""
    drawn = segno.make_qr(text, error="m").svg_inline(border=2, svgclass="qr", lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704  (segno's own markup)
