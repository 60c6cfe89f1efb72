"""The catalogue of what other agencies are told: open to everybody, as a page and as an AsyncAPI document."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, render_template
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from services.reporting.public import asyncapi, rights
from services.reporting.public.redacting import LEAST
from services.reporting.web import words
from services.reporting.web.parts import blueprint
from shared.contract.public import CASE
from shared.web.access import public

MEANINGS: dict[str, LazyString] = {
    "case.registered": _("一把手已阅、可以对外告知的信访件；每件最先告知的一条"),
    "case.instructed": _("一把手作出批示，新的一轮开始"),
    "case.concluded": _("已办结"),
    "case.reopened": _("重新办理，新的一轮开始"),
    "case.withdrawn": _("信访人撤回"),
    "case.closed": _("已结案"),
    "case.archived": _("已存档"),
    "assignment.issued": _("交办给某一单位"),
    "assignment.received": _("承办单位签收"),
    "assignment.replied": _("承办单位署名回复"),
    "assignment.returned": _("回复被退回重办"),
    "assignment.approved": _("回复通过"),
    "assignment.withdrawn": _("交办收回，该单位不再承办"),
    "deadline.missed": _("期限已过"),
    "figures.counted": _("某一机关一个月的件数：一把手已阅、办结、结案，含不逐件告知的信访件"),
}
FIELDS: dict[str, LazyString] = {
    "case": _("信访件的对外标识，与内部编号无关"),
    "organisation": _("登记机关代码"),
    "channel": _("来信渠道"),
    "category": _("问题类别代码"),
    "township": _("所在乡镇代码"),
    "case_class": _("件别"),
    "stage": _("所处环节"),
    "round": _("批示轮次"),
    "outcome": _("处理结果"),
    "registered_on": _("登记日"),
    "read_on": _("一把手批阅日"),
    "dispatched_on": _("首次交办日"),
    "replied_on": _("首次回复日"),
    "reply_due_on": _("回复期限"),
    "conclude_due_on": _("办结期限"),
    "concluded_on": _("办结日"),
    "closed_on": _("结案日"),
    "unit": _("承办单位代码"),
    "part": _("承办、牵头或会办"),
    "obligation": _("逾期的是哪一项"),
    "due_on": _("到期日"),
    "month": _("月份，以该月第一日表示"),
    "read": _("当月一把手已阅件数"),
    "concluded": _("当月办结件数"),
    "closed": _("当月结案件数"),
}
CODES = {
    "channel": words.CHANNELS, "case_class": words.CLASSES, "stage": words.STAGES, "outcome": words.OUTCOMES, "part": words.PARTS,
    "obligation": words.OBLIGATIONS,
}  # fmt: skip


@blueprint.get("/events")
@public
def catalogue() -> str:
    """Every event with its fields and an example, and how they are delivered."""
    return render_template(
        "reporting/catalogue.html",
        events=[_event(contract) for contract in asyncapi.contracts()],
        case=[_field(name, field) for name, field in CASE.items()],
        example=json.dumps(asyncapi.example(asyncapi.contracts()[2]), ensure_ascii=False, indent=2),
        kept_days=rights.KEPT_DAYS,
        kept_events=rights.KEPT_EVENTS,
        connections=rights.CONNECTIONS,
        least=LEAST,
    )


@blueprint.get("/asyncapi.json")
@public
def asyncapi_document() -> Response:
    """The same for programs."""
    return Response(json.dumps(asyncapi.document(), ensure_ascii=False, indent=2), mimetype="application/json")


def _event(contract: asyncapi.Contract) -> dict[str, Any]:
    name = asyncapi.name_of(contract)
    own = {key: field for key, field in contract.schema.fields.items() if key not in CASE or "case" not in contract.schema.fields}
    return {
        "name": name, "version": contract.version, "means": MEANINGS[name], "of_case": "case" in contract.schema.fields,
        "fields": [_field(key, field) for key, field in own.items()],
    }  # fmt: skip


def _field(name: str, field: Any) -> dict[str, Any]:
    codes = next((rule.choices for rule in field.validators if isinstance(rule, validate.OneOf)), ())
    kind = _("整数") if isinstance(field, fields.Integer) else _("日期") if type(field) is not fields.String else _("代码")
    return {
        "name": name,
        "means": FIELDS[name],
        "kind": kind,
        "codes": [(code, CODES[name][code]) for code in codes],
        "nullable": field.allow_none,
    }
