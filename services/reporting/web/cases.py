"""The case list: filters in the address, counts by queue, paging, export of exactly what is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from services.reporting.documents import xlsx
from services.reporting.domain.saved import tells_who
from services.reporting.handlers import counting, listing, saving
from services.reporting.handlers.exporting import note_export
from services.reporting.handlers.listing import Filter
from services.reporting.store import SQL
from services.reporting.web import words
from services.reporting.web.asked import ListArguments, filter_of, in_address, in_words, names_in, narrowing
from services.reporting.web.export import Columns, as_csv
from services.reporting.web.parts import blueprint, person, readers, saved_items, sight
from shared.errors import NotFound, Refused
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import limit, local, menu

PAGE = 50
MOST_EXPORTED = 20_000
FORMS: dict[str, tuple[str, Callable[[Columns, Iterable[Sequence[object]]], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": (xlsx.MIME, lambda columns, rows: xlsx.table(_("信访件"), columns, rows)),
}
menu(blueprint, lazy_gettext("信访件"), ".cases", order=60)


@blueprint.get("/cases")
@readers
def cases() -> str:
    """The list."""
    asked = parse(ListArguments(), request.args)
    with unit_of_work("reporting") as uow:
        sees, only, moment = sight(uow), filter_of(asked, uow), uow.now
        counts = counting.queues(uow, sees, now=moment)
        total = counts["all"] if only == Filter() else listing.count(uow, sees, only, now=moment)
        more = bool(only.text) and total > listing.MOST_COUNTED
        total = min(total, listing.MOST_COUNTED) if more else total
        pages = max(1, -(-total // PAGE))
        page = min(asked["page"], pages)
        rows = listing.cases(uow, sees, only, now=moment, sort=asked["sort"], limit=PAGE, offset=(page - 1) * PAGE)
        kept, told = saving.saved(uow, person().official), narrowing(asked)
        said = in_words(told, names_in(uow, [told]))
        units = [(row["code"], row["name"]) for row in uow.all(SQL["units_known"])] if sees.everything else []
    for row in rows:
        row["id"] = row["case_id"]
    return render_template(
        "reporting/cases.html", rows=rows, total=total, page=page, pages=pages, tabs=_tabs(asked, counts), units=units,
        words=words, word=words.word, values=_values(), figure=asked.get("figure"), moment_now=moment, most=MOST_EXPORTED,
        narrowed=bool(set(told) - {"sort"}), told=told, said=said, saved=saved_items(kept, told),
        more=more, by_person=tells_who(asked.get("text", "")) or bool(asked.get("text") and not total),
    )  # fmt: skip


def _tabs(asked: dict[str, Any], counts: dict[str, int]) -> list[dict[str, Any]]:
    queues = [(None, _("全部")), *((name, str(words.QUEUES[name])) for name in listing.QUEUES)]
    return [
        {
            "label": label, "href": url_for(".cases", queue=name), "current": asked.get("queue") == name,
            "count": counts.get(name or "all", 0), "tone": "bad" if name == "overdue" and counts.get(name) else "",
        }
        for name, label in queues
    ]  # fmt: skip


def _values() -> dict[str, str]:
    return {key: value.strip() for key, value in request.args.items()}


@blueprint.get("/cases.<form>")
@readers
def export(form: str) -> Response:
    """Exactly the filtered list, noted among what was read in the transaction that reads it.

    Raises Refused when it is longer than can be exported at once: never a part of it.
    """
    if form not in FORMS:
        raise NotFound("form", "没有这种格式。", "请选择CSV或XLSX。")
    asked = parse(ListArguments(), request.args)
    with unit_of_work("reporting") as uow:
        sees, only, moment = sight(uow), filter_of(asked, uow), uow.now
        rows = listing.cases(uow, sees, only, now=moment, sort=asked["sort"], limit=MOST_EXPORTED + 1)
        if len(rows) > MOST_EXPORTED:
            raise Refused("q", "筛选结果超过 %(most)d 件，不能一次导出。", "请缩小筛选范围后分次导出。", most=MOST_EXPORTED)
        note_export(uow, person(), {**in_address(asked), "form": form}, [row["case_id"] for row in rows])
    columns = (
        (_("编号"), 22), (_("标题"), 40), (_("交办摘要"), 60), (_("渠道"), 8), (_("件别"), 8), (_("阶段"), 10), (_("轮次"), 6),
        (_("责任人"), 12), (_("职务"), 20), (_("承办单位"), 24), (_("登记时间"), 17), (_("批示时间"), 17), (_("交办时间"), 17),
        (_("签收时间"), 17), (_("首次回复时间"), 17), (_("办结时间"), 17), (_("结案时间"), 17), (_("期限"), 17),
    )  # fmt: skip
    mime, made = FORMS[form]
    name = f"cases-{local(moment):%Y%m%d-%H%M}.{form}"
    body = made(columns, (_line(row) for row in rows))
    return Response(body, mimetype=mime, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _line(row: dict[str, Any]) -> list[object]:
    who = row["responsible"] or {}
    instants = (
        "registered_at",
        "reviewed_at",
        "dispatched_at",
        "received_at",
        "replied_at",
        "concluded_at",
        "closed_at",
    )
    return [
        row["number"], row["title"] or (_("保密件") if row["confidential"] else None), row["brief"], words.word(words.CHANNELS, row["channel"]),
        words.word(words.CLASSES, row["case_class"]), words.word(words.STAGES, row["stage"]), row["round"],
        who.get("name"), who.get("post"), row["responsible_unit"] or who.get("organisation"),
        *(f"{local(row[name]):%Y-%m-%d %H:%M}" if row[name] else "" for name in instants),
        limit(row["due_at"]) if row["due_at"] else "",
    ]  # fmt: skip
