"""What follow-up's pages share: the blueprint, who reads them, words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from services.followup.handlers import listing
from shared.contract.person import Person
from shared.errors import Refused
from shared.web.access import Role
from shared.web.forms import BadInput
from shared.web.session import Reader, current_reader

blueprint = Blueprint("followup", "services.followup", template_folder="templates", url_prefix="/followup")

PAGE = 50
READERS = (Role.FOLLOWUP, Role.SUPERVISION_OFFICE, Role.AUDITOR)
QUEUES = {
    "overdue": _("已超期"), "today": _("今日到期"), "open": _("全部待回访"), "unreachable": _("多次未联系上"), "recheck": _("待复核"),
    "done": _("已有结果"),
}  # fmt: skip
LABELS: dict[str, Any] = {
    "try_id": _("表单编号"), "manner": _("回访方式"), "result": _("回访结果"), "found": _("复核结果"), "note": _("备注"),
    "authority": _("决定的机关"), "reasons": _("结案理由"), "reviewer": _("复查人"), "organ": _("复查机关"), "decision": _("复查决定"),
    "answer": _("给信访人的复查答复"), "document": _("文号"), "begun": _("听证开始"), "ended": _("听证结束"), "official": _("回访人"),
    "difficult": _("疑难件"),
}  # fmt: skip
WORDS: dict[str, dict[str, Any]] = {
    "manners": {
        "visit": _("上门面访"), "telephone": _("电话回访"), "letter": _("信函回访"), "email": _("邮件回访"),
        "posted_answer": _("回帖"), "tracking_page": _("查询页自评"),
    },
    "icons": {"visit": "visit", "telephone": "call", "letter": "letter", "email": "email", "posted_answer": "post"},
    "results": {"satisfied": _("满意"), "not_satisfied": _("不满意"), "not_reached": _("未联系上")},
    "stages": {
        "open": _("待回访"), "satisfied": _("满意"), "not_satisfied": _("不满意"), "unreachable": _("多次未联系上"),
        "withdrawn": _("不再回访"),
    },
    "tones": {
        "open": "attention", "satisfied": "done", "not_satisfied": "bad", "unreachable": "attention", "withdrawn": "neutral",
    },
    "levels": {"review": _("复查"), "final": _("复核")},
    "decisions": {"upheld": _("维持原处理意见"), "changed": _("变更处理意见"), "redo": _("责令重新办理")},
    "review_stages": {"asked": _("待指定复查人"), "assigned": _("复查中"), "decided": _("已作出决定")},
    "review_tones": {"asked": "attention", "assigned": "progress", "decided": "done"},
    "sources": {"petitioner": _("信访人本人"), "staff": _("工作人员记录")},
    "channels": {
        "letter": _("来信"), "visit": _("来访"), "call": _("来电"), "email": _("来邮"), "post": _("来贴"),
    },
    "identities": {"named": _("实名"), "confidential": _("实名保密"), "anonymous": _("匿名")},
    "outcomes": {"supported": _("支持"), "explained": _("解释说明"), "not_supported": _("不予支持")},
    "reasons": {"satisfied": _("信访人满意"), "decision": _("经决定结案"), "withdrawn": _("信访人撤回")},
}  # fmt: skip


def reader_here() -> Reader:
    """The official who is signed in; a view that asks is not public."""
    found = current_reader()
    if found is None:
        raise RuntimeError("no reader on a page that is open to readers only")
    return found


def posts_of(reader: Reader) -> set[str]:
    """The organisations in which an official holds posts."""
    return {reader.org, *(post["org"] for post in reader.posts)}


def sight_of(reader: Reader) -> dict[str, Any]:
    """Follow-up staff and the auditor see all of their scope; the supervision office alone, the sample."""
    sample = not reader.may(Role.FOLLOWUP, Role.AUDITOR)
    return listing.sight(reader.official_id, posts_of(reader), reader.scope, sample=sample)


def person() -> Person:
    """The reader in his first post, the one that he signs with."""
    reader = reader_here()
    post = reader.posts[0] if reader.posts else {"title": "", "org": reader.org}
    return Person(official=reader.official_id, name=reader.name, post=post["title"], organisation=post["org"])


def problem(fault: BadInput | Refused) -> dict[str, Any]:
    """`errors` and `values` of the page once more, in the words of its form. What is hidden or forbidden stays an error of its own."""
    if isinstance(fault, BadInput):
        return {"errors": fault.errors, "values": request.form.to_dict()}
    if fault.status in (403, 404):
        raise fault
    rule, remedy = (gettext(text, **fault.values) for text in (fault.rule, fault.remedy))
    error = {"field": fault.field, "label": str(LABELS.get(fault.field, "")), "rule": rule, "remedy": remedy}
    return {"errors": [error], "values": request.form.to_dict()}


def status_of(fault: BadInput | Refused) -> int:
    """What the answer to a form is when it was wrong."""
    return (fault.code if isinstance(fault, BadInput) else fault.status) or 422
