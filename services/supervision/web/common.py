"""What supervision's pages share: the blueprint, who reads them, words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from services.supervision.handlers import listing
from services.supervision.handlers.acting import in_post
from services.supervision.wording import Tongue
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.web.access import Role
from shared.web.frame import language
from shared.web.session import Reader, current_reader

blueprint = Blueprint(
    "supervision", "services.supervision", template_folder="templates", static_folder="static", url_prefix="/supervision"
)

READERS = (Role.SUPERVISION_OFFICE, Role.OFFICE, Role.FIRST_IN_COMMAND, Role.AUDITOR)
WORDS: dict[str, dict[str, Any]] = {
    "obligations": {
        "receive": _("签收"), "objection": _("提出异议"), "progress": _("报告进展"), "reply": _("署名回复"), "conclude": _("办结"),
        "follow_up": _("回访"), "review": _("作出复查决定"),
    },
    "classes": {"ordinary": _("一般件"), "complex": _("复杂件")},
    "parts": {"handling": _("承办"), "lead": _("牵头"), "joint": _("会办")},
    "starts": {
        "first_dispatch": _("首次交办"), "assignment": _("每次交办"), "receipt": _("签收"), "reopening": _("重新办理"),
        "conclusion": _("办结"), "review": _("申请复查"), "final_review": _("申请复核"),
    },
    "rungs": {
        "reminder": _("催办"), "notice": _("督办单"), "interview": _("约谈"), "suggestion": _("追责建议"), "circular": _("通报"),
        "bundle": _("四联四包"),
    },
    "documents": {
        "reminder": _("催办通知"), "notice": _("信访事项督办单"), "interview": _("约谈通知书"), "suggestion": _("追究责任建议书"),
        "circular": _("列入通报通知"), "bundle": _("提请领导包案建议"),
    },
    "interviews": {"called": _("待定时间"), "appointed": _("待约谈"), "held": _("已约谈"), "cancelled": _("已取消")},
    "interview_tones": {"called": "attention", "appointed": "progress", "held": "done", "cancelled": "neutral"},
    "periods": {"week": _("每周"), "half_month": _("每半月"), "two_months": _("每两月")},
    "ended": {"met": _("后来查明按时办理"), "met_late": _("逾期办理"), "withdrawn": _("不再要求"), "missed": _("仍未办理")},
    "grounds": {"overdue": _("逾期未办结"), "backlog": _("信访积案"), "difficult": _("疑难件"), "key": _("重点件"), "rounds": _("多轮办理未了结")},
    "charge_endings": {
        "settled": _("化解息访"), "decision": _("经决定结束包案"), "withdrawn": _("信访人撤回"), "handed_over": _("移交其他领导"),
        "conflict": _("应当回避"),
    },
    "duties": {
        "situation": _("包情况掌握"), "resolution": _("包案件化解"), "ending": _("包息访息诉"),
        "support": _("包人员稳控（关心帮扶）"), "reception": _("包接访处访"),
    },
    "evidence": {
        "visit": _("上门走访"), "reception": _("当面接待"), "call": _("电话沟通"), "site": _("现场查看"), "meeting": _("协调会商"),
        "help": _("帮扶救助"), "document": _("书面材料"),
    },
    "evidence_icons": {
        "visit": "visit", "reception": "visit", "call": "call", "site": "note", "meeting": "note", "help": "check", "document": "letter",
    },
    "levels": {"city": _("到市"), "province": _("到省"), "nation": _("到京")},
    "whom": {"leader": _("县级领导"), "unit": _("承办单位")},
    "voids": {"overdue": _("本件当时已超期，不计")},
    "undone": {"in_vain": _("查明并未超期")},
    "verdicts": {"upheld": _("异议成立"), "dismissed": _("异议不成立")},
}  # fmt: skip


def reader_now() -> Reader:
    """Who reads a page that is open to officials only."""
    found = current_reader()
    if found is None:
        raise RuntimeError("no reader on a page that is open to readers only")
    return found


def acting(uow: UnitOfWork, *roles: str) -> Person:
    """The reader as who acts: in the post that gives one of these roles, as the directory has it, or in the first of his posts."""
    reader = reader_now()
    if found := in_post(uow, reader.official_id, *roles):
        return found
    post = reader.posts[0] if reader.posts else {"title": "", "org": reader.org}
    return Person(official=reader.official_id, name=reader.name, post=post["title"], organisation=post["org"])


def tongue() -> Tongue:
    """The reader's language."""
    return Tongue(gettext, ngettext, language())


def case_sight(reader: Reader) -> dict[str, Any]:
    """What a statement needs to know of its reader to leave out the cases from which he is barred."""
    return {"official": reader.official_id, "posts": sorted({reader.org, *(post["org"] for post in reader.posts)})}


def sight_of(reader: Reader | None) -> dict[str, Any]:
    """What a list needs to know of its reader, to show him what he may see."""
    if reader is None:
        raise RuntimeError("no reader on a page that is open to readers only")
    return listing.sight(reader.official_id, {reader.org, *(post["org"] for post in reader.posts)}, reader.scope)
