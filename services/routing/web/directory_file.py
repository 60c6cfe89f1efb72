"""The directory to and from a file; an import shows first what it would change."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.routing import store
from services.routing.handlers import roster
from services.routing.handlers.directory import BadDirectory, check_reason, export_directory, import_directory
from services.routing.web.common import blueprint, fresh, problem, reader, status_of
from services.routing.web.directory import differs
from services.routing.web.directory_forms import ImportForm
from shared.errors import Refused
from shared.web import session
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

LARGEST = 450_000  # bytes; a form's text may not be longer, and the preview hands it back as text
MOST_FAULTS = 100


@blueprint.get("/routing/directory/file.yaml")
@allow(Role.ADMINISTRATOR, Role.OFFICE, Role.AUDITOR)
def directory_file() -> ResponseReturnValue:
    """The whole directory as a file that imports to the same."""
    with unit_of_work("routing") as uow:
        text, day = export_directory(uow), roster.today(uow)
    name = f"directory-{session.web.settings.org}-{day.isoformat()}.yaml"
    return Response(
        text, mimetype="application/yaml; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@blueprint.get("/routing/directory/import")
@allow(Role.ADMINISTRATOR)
def import_page() -> ResponseReturnValue:
    """Where a file is chosen."""
    return _draw()


@blueprint.post("/routing/directory/import")
@allow(Role.ADMINISTRATOR)
def import_file() -> ResponseReturnValue:
    """Show what the file would change; on the second step take it over."""
    try:
        data = parse(ImportForm(), request.form, longest=LARGEST)
        text = _text(data)
        with unit_of_work("routing") as uow:
            by = store.directory(uow).acting(reader().official_id, "administrator")
            save = data["step"] == "save"
            reason = check_reason(data["reason"]) if save else ""
            known = roster.read(uow)
            found = import_directory(
                uow, text, session.web.real_now(), by=by, key=data["key"], reason=reason, dry=not save
            )  # fmt: skip
    except BadDirectory as bad:
        return _draw(faults=bad.faults[:MOST_FAULTS], more=max(0, len(bad.faults) - MOST_FAULTS)), 422
    except (BadInput, Refused) as fault:
        return _draw(**problem(fault)), status_of(fault)
    if save:
        flash(gettext("已导入：%(num)d 项有变动。", num=found.changed))
        return redirect(url_for("routing.directory"), 303)
    changes = [
        {"name": d.after["name"], "subject": d.subject, "new": d.before is None, **differs(known, d.before, d.after)}
        for d in found.differences
    ]
    return _draw(preview=changes, total=found.total, values={"text": text})


def _text(data: dict[str, Any]) -> str:
    """The file's text. Raises Refused when there is none, it is too large, or it is not UTF-8."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        if not data["text"]:
            raise Refused("file", "没有选择文件。", "请选择通讯录文件（YAML）。")
        return str(data["text"])
    content = sent.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused("file", "文件超过 450 KB。", "请核对是否为通讯录文件；更大的请在服务器上用命令导入。")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("file", "文件不是 UTF-8 编码的文本。", "请另存为 UTF-8 编码后重试。") from None


def _draw(**more: Any) -> str:
    context: dict[str, Any] = {"preview": None, "total": 0, "faults": [], "more": 0, "key": fresh()}
    return render_template("routing/directory_import.html", **context | more)
