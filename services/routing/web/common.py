"""What the pages share: the blueprint, the reader's sight, words for codes, errors beside their fields."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from services.routing import domain, store
from services.routing.handlers import tries
from services.routing.site import Site, read_site
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import Forbidden, NotFound, Refused
from shared.web.access import Role
from shared.web.forms import BadInput
from shared.web.session import Reader, current_reader

log = logging.getLogger("zhida.routing.web")
_ = lazy_gettext
# They manage who is kept from a case. To everybody else no page names one who is barred, nor says that somebody is.
RECUSAL = (Role.FIRST_IN_COMMAND, Role.OFFICE, Role.CLERK)
MANY = 500  # rows of a list; more than a person reads

# Templates and catalogues lie beside this package, not in it.
blueprint = Blueprint(
    "routing",
    "services.routing",
    template_folder="templates",
    static_folder="static",
    static_url_path="/routing/static",
)


@blueprint.record
def _read_site(state: Any) -> None:
    """The site is read when the process starts: what makes no sense keeps it from starting."""
    state.app.extensions["zhida.routing.site"] = read_site(state.app.extensions["zhida"].settings)


def site() -> Site:
    """What the county decided about signing in."""
    found: Site = current_app.extensions["zhida.routing.site"]
    return found


WORDS: dict[str, dict[str, Any]] = {
    "case_stages": {
        "registered": _("待批阅"), "reviewed": _("已阅待批"), "instructed": _("已批示"), "in_hand": _("办理中"),
        "concluded": _("已办结"), "reopened": _("重新办理"), "withdrawn": _("已撤回"), "closed": _("已结案"),
        "archived": _("已存档"), "referred": _("已报上级"),
    },
    "stages": {
        "issued": _("待签收"), "received": _("已签收"), "objected": _("有异议"), "progressed": _("办理中"),
        "replied": _("已回复待审核"), "returned": _("退回重办"), "approved": _("审核通过"), "withdrawn": _("已撤回"),
    },
    "tones": {
        "issued": "attention", "returned": "bad", "objected": "attention", "replied": "progress", "approved": "done",
        "registered": "attention", "reviewed": "attention", "reopened": "bad", "concluded": "done", "closed": "done",
        "archived": "done",
    },
    "parts": {"handling": _("承办"), "lead": _("牵头"), "joint": _("会办")},
    "classes": {"ordinary": _("一般件"), "complex": _("复杂件")},
    "channels": {
        "letter": _("来信"), "visit": _("来访"), "call": _("来电"), "email": _("来邮"), "post": _("来贴"),
    },
    "matters": {
        "suggestion": _("建议意见"), "accusation": _("检举控告"), "appeal": _("申诉求决"), "other": _("其他"),
    },
    # The top level of categories. Below it the code is shown: the tree is intake's, and each county has its own.
    "categories": {
        "environment": _("生态环境"), "land": _("土地征收"), "housing": _("住房城建"), "labour": _("劳动工资"),
        "social_security": _("社会保障"), "education": _("教育"), "health": _("医疗卫生"), "traffic": _("交通运输"),
        "agriculture": _("农业农村"), "safety": _("安全生产"), "justice": _("涉法涉诉"), "conduct": _("干部作风"), "other": _("其他"),
    },
    "identities": {"named": _("实名"), "confidential": _("实名保密"), "anonymous": _("匿名")},
    "outcomes": {"supported": _("支持"), "explained": _("解释说明"), "not_supported": _("不予支持")},
    "rungs": {
        "reminder": _("催办"), "notice": _("督办单"), "interview": _("约谈"), "suggestion": _("追责建议"), "circular": _("通报"),
        "bundle": _("四联四包"),
    },
    "obligations": {
        "receive": _("签收"), "objection": _("提出异议"), "progress": _("报告进展"), "reply": _("署名回复"), "conclude": _("办结"), "follow_up": _("回访"),
        "review": _("作出复查决定"),
    },
    "standings": {
        "keyed": _("签名有效"), "hashed": _("署名有效（内容摘要）"), "altered": _("内容与署名不符"),
        "unkeyed": _("没有用应用的签名密钥"), "unknown_key": _("签名密钥不是署名人的"), "not_in_force": _("签名时密钥未生效或已停用"),
    },
    "key_reasons": {"replaced": _("换新"), "lost": _("忘记口令"), "left": _("离任"), "suspected": _("可能泄露")},
    "kinds": {"proposal": _("问责建议"), "decision": _("问责决定")},
    "reasons": {
        "conflict": _("应当回避"), "replaced": _("另行交办"), "escalated": _("提级办理"), "concluded": _("已办结"),
        "petition_withdrawn": _("信访人撤回"), "referred_up": _("已报上级"), "objection_upheld": _("异议成立"), "not_awaited": _("不再等待会办回复"),
        "parent_ended": _("原交办已结束"),
    },
    "decisions": {"upheld": _("异议成立"), "dismissed": _("异议不成立")},
    "extensions": {"asked": _("等待决定"), "granted": _("准予延期"), "refused": _("不予延期")},
    "pauses": {
        "hearing": _("听证"), "inspection": _("勘验、检测、鉴定"), "mediation": _("调解"), "court": _("诉讼、复议等司法程序"),
    },
    "handovers": {"left": _("原责任人离任"), "changed_post": _("原责任人调任其他职务")},
    "notes": {
        "objection": _("异议"), "progress": _("进展"), "upheld": _("异议成立"), "dismissed": _("异议不成立"),
        "released": _("不再等待会办回复"),
    },
    "grounds": {
        "party": _("本人或本人经办事项是信访事项"), "kin": _("与当事人有近亲属关系"), "interest": _("与信访事项有直接利害关系"),
        "handled": _("参与过所反映事项的处理"), "other": _("其他可能影响公正办理的情形"), "unstated": _("（早先的记录，未写事由）"),
        "passed": _("下级单位报来"),
    },
    "acts": {
        "review": _("批阅"), "instruct": _("批示交办"), "case": _("打开信访件"), "assignment": _("打开交办件"), "receive": _("签收"),
        "object_to": _("提出异议"), "progress": _("上报进展"), "reply": _("署名回复"), "approve": _("审核通过回复"),
        "return_reply": _("退回回复"), "withdraw": _("撤回交办"), "conclude": _("办结"), "record_accountability": _("记录问责"),
        "recuse": _("记录回避"), "end_recusal": _("解除回避"),
    },
    "relations": {
        "repeat_of": _("重复信访，此前还有"), "repeated_by": _("其后又有重复信访"), "joint_with": _("联名（多人同一事项）"),
        "related_to": _("相关"), "merged_into": _("并入主件"), "leads": _("主件，并入件为"), "split_from": _("分拆自"),
        "split_into": _("已分拆出"),
    },
    "term_standings": {"present": _("现任"), "coming": _("待任"), "past": _("已免"), "revoked": _("未到任")},
    "unit_kinds": {"unit": _("普通单位"), "leading_group": _("领导小组"), "group_office": _("领导小组办公室")},
    "changes": {
        "imported": _("由文件导入"), "unit_added": _("增设单位"), "unit_changed": _("单位变更"), "unit_dissolved": _("撤销单位"),
        "appointed": _("任职"), "ended": _("免职"), "transferred": _("调任"), "left": _("离任"), "renamed": _("更正姓名"),
        "took_effect": _("到期自动生效"), "taken_over": _("采用通报"), "factor_reset": _("重置动态口令"),
        "identity_linked": _("关联统一身份"), "identity_unlinked": _("解除统一身份关联"), "contact": _("更正联系地址"),
    },
    "unit_fields": {
        "code": _("单位代码"), "name": _("名称"), "name_en": _("英文名称"), "superior": _("上级单位"), "has_instance": _("自有系统"),
        "kind": _("单位类别"), "dissolved_on": _("撤销日期"), "mail": _("邮件地址"), "webhook": _("政务微信或短信"),
    },
    "alert_media": {"mail": _("邮件"), "webhook": _("政务微信或短信")},
    "alert_stages": {"waiting": _("待发"), "sent": _("已送出"), "dropped": _("不再需要，没有发"), "failed": _("没有送出")},
    "alert_failures": {
        "refused": _("对方邮件服务器拒收"), "put_off": _("对方邮件服务器暂不接收"), "unreachable": _("连接不上"), "bad_address": _("地址不对"),
        "http_404": _("没有这个接收人"), "http_410": _("没有这个接收人"), "http_422": _("没有这个接收人"),
        "http_401": _("签名不被接受"), "http_403": _("签名不被接受"), "too_slow": _("对方没有及时应答"), "untrusted": _("对方证书不可信"),
        "no_such_host": _("找不到对方服务器"), "address_refused": _("地址不在允许的网络内"), "no_secret": _("签名密钥读不到"),
    },
    "roles": {
        "clerk": _("登记员"), "first_in_command": _("党委（党组）一把手"), "leader": _("县级领导"),
        "unit_head": _("单位负责人"), "officer": _("承办人"), "office": _("领导小组办公室"),
        "supervision_office": _("督查室"), "followup": _("回访员"), "auditor": _("审计员"),
        "administrator": _("系统管理员"),
    },
}  # fmt: skip

FIELDS: dict[str, Any] = {
    "text": _("批示"), "addressees": _("交办对象"), "answers": _("所针对的回复"), "reasons": _("理由"),
    "case_class": _("件别"), "outcome": _("处理结果"), "findings": _("调查情况"), "answer": _("给信访人的答复"),
    "password": _("新密码"), "official": _("回避人员"), "organisation": _("所在单位"), "kind": _("类别"), "ground": _("回避事由"),
    "note": _("情况说明"), "reason": _("解除理由"), "reference": _("报送机关和文号"), "limit_days": _("批示期限（日）"),
    "enclosures": _("附件"),
}  # fmt: skip


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    """`words.<table>` for the templates of this blueprint, and whether intake's view of a petition can be embedded."""
    here = request.blueprint == blueprint.name
    return {"words": WORDS, "embeds": "intake" in current_app.blueprints, "oidc": site().oidc} if here else {}


def reader() -> Reader:
    """The official who is signed in; a view that asks is not public. Raises RuntimeError elsewhere."""
    found = current_reader()
    if found is None:
        raise RuntimeError("no reader on a page that is open to readers only")
    return found


def sight(uow: UnitOfWork) -> dict[str, Any]:
    """What every list asks for: who reads and when, in which organisations he holds posts, whose instance this is."""
    me = reader()
    posts = sorted({me.org, *(post["org"] for post in me.posts)})
    return {"me": me.official_id, "posts": posts, "own": uow.org, "at": uow.now, "limit": MANY}


def seen(uow: UnitOfWork, name: str, **params: Any) -> list[dict[str, Any]]:
    """The rows of a named statement, as far as the reader may see them."""
    return uow.all(store.SQL[name], **sight(uow), **params)


def seen_one(uow: UnitOfWork, name: str, **params: Any) -> dict[str, Any]:
    """One row. Raises NotFound, and logs the try, when it does not exist or the reader may not see it."""
    found = seen(uow, name, **params)
    if not found:
        log.warning("not found or barred: %s %s %s", name, reader().official_id, request.path)
        _meet_the_guard(uow, params)
        raise NotFound("case", "没有找到该信访件。", "请核对编号。")
    return found[0]


def check_readable(row: Mapping[str, Any]) -> None:
    """Raises Forbidden, and logs the try, when the case of this row is confidential and not for the reader: that it is, is no secret."""
    if not row["readable"]:
        log.warning("confidential: %s %s", reader().official_id, request.path)
        raise Forbidden(
            "case", "本件是保密件，只有责任人本人、批示的一把手和领导小组办公室可以查看。", "需要了解的，请与领导小组办公室联系。"
        )


def _meet_the_guard(uow: UnitOfWork, params: Mapping[str, Any]) -> None:
    """Keep the try if it was the guard that refused; the answer is the same either way."""
    assignment = params.get("assignment")
    case_id = store.case_of(uow, "assignment", assignment) if assignment else params.get("case")
    bars = uow.rows(store.BARS).get(case_id) if case_id else None
    try:
        domain.check_not_barred(bars, reader().official_id, store.directory(uow), reader().org)
    except domain.Guarded as refusal:
        tries.note(refusal, (request.endpoint or "").rpartition(".")[2], reader().official_id)


def problem(fault: BadInput | Refused, **labels: str) -> dict[str, Any]:
    """`errors` for a form drawn once more. `labels` rename a refusal's field to the form's own."""
    if isinstance(fault, BadInput):
        return {"errors": fault.errors, "values": _sent()}
    if fault.status in (403, 404):
        raise fault
    rule, remedy = (gettext(text, **fault.values) for text in (fault.rule, fault.remedy))
    name = labels.get(fault.field, fault.field)
    error = {"field": name, "label": str(FIELDS.get(fault.field, "")), "rule": rule, "remedy": remedy}
    return {"errors": [error], "values": _sent()}


def status_of(fault: BadInput | Refused) -> int:
    """The HTTP status of a form drawn once more."""
    return (fault.code or 422) if isinstance(fault, BadInput) else fault.status


def _sent() -> dict[str, Any]:
    many = {"addressees", "joint", "enclosures"}
    return {key: values if key in many else values[0] for key, values in request.form.to_dict(False).items()}


def fresh() -> UUID:
    """A new identifier for a form: what is sent twice is done once."""
    return uuid7()


def opens(path: str) -> bool:
    """Whether this process serves a page at `path`: an instance may carry some services only."""
    try:
        current_app.url_map.bind_to_environ(request.environ).match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def by_key(rows: list[dict[str, Any]], key: str) -> Mapping[Any, list[dict[str, Any]]]:
    """Rows grouped by a column, in their order."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def home() -> str:
    """Where the reader starts."""
    return url_for("routing.desk")
