"""Codes in the reader's words. The Chinese words are those of the mechanism; a code without a word is shown as it is."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

Words = dict[str, str | LazyString]

CHANNELS: Words = {"letter": _("来信"), "visit": _("来访"), "call": _("来电"), "email": _("来邮"), "post": _("来贴")}
CLASSES: Words = {"ordinary": _("一般件"), "complex": _("复杂件")}
STAGES: Words = {
    "registered": _("已登记"), "instructed": _("已批示"), "in_hand": _("办理中"), "concluded": _("已办结"),
    "reopened": _("重新办理"), "withdrawn": _("已撤回"), "closed": _("已结案"), "archived": _("已存档"),
}  # fmt: skip
TONES = {
    "registered": "attention", "reopened": "attention", "instructed": "progress", "in_hand": "progress",
    "concluded": "progress", "withdrawn": "neutral", "closed": "done", "archived": "done",
}  # fmt: skip
QUEUES: Words = {
    "in_hand": _("在办"), "review": _("待批示"), "receipt": _("待签收"), "received": _("已签收"), "reply": _("待审回复"),
    "overdue": _("已超期"), "followup": _("待回访"), "closed": _("已结案"),
}  # fmt: skip
SORTS: Words = {"newest": _("最近登记在前"), "oldest": _("最早登记在前"), "due": _("最先到期在前"), "number": _("按编号")}
MATTERS: Words = {"suggestion": _("建议意见"), "accusation": _("检举控告"), "appeal": _("申诉求决"), "other": _("其他")}
OUTCOMES: Words = {"supported": _("支持"), "explained": _("解释说明"), "not_supported": _("不予支持")}
PARTS: Words = {"handling": _("承办"), "lead": _("牵头"), "joint": _("会办")}
OBLIGATIONS: Words = {
    "receive": _("签收"), "objection": _("提出异议"), "progress": _("报告进展"), "reply": _("署名回复"), "conclude": _("办结"), "follow_up": _("回访"),
    "review": _("作出复查决定"),
}  # fmt: skip
MANNERS: Words = {
    "visit": _("上门面访"), "telephone": _("电话回访"), "letter": _("信函回访"), "email": _("邮件回访"),
    "posted_answer": _("回帖"), "tracking_page": _("查询页自评"),
}  # fmt: skip
RESULTS: Words = {"satisfied": _("满意"), "not_satisfied": _("不满意"), "not_reached": _("未联系上")}
KINDS: Words = {"proposal": _("问责建议"), "decision": _("问责决定")}
CLOSINGS: Words = {"satisfied": _("信访人满意"), "decision": _("经决定结案"), "withdrawn": _("信访人撤回")}
CAUSES: Words = {
    "dissatisfied": _("信访人不满意"), "corrected": _("更正为不满意"), "contested": _("信访人对“满意”的记录提出异议"),
    "checked": _("复核为不满意"), "reopen_requested": _("信访人要求重新办理"), "review": _("复查责令重新办理"),
}  # fmt: skip
LEVELS: Words = {"review": _("复查"), "final": _("复核")}
REPORTS: Words = {"week": _("信访工作周报"), "half_month": _("督办清单"), "two_months": _("通报")}
REVIEW_DECISIONS: Words = {"upheld": _("维持原处理意见"), "changed": _("变更处理意见"), "redo": _("责令重新办理")}
# Why an assignment was taken back, and further why something is no longer owed.
REASONS: Words = {
    "conflict": _("应当回避"), "replaced": _("另行交办"), "escalated": _("提级办理"), "concluded": _("已办结"),
    "petition_withdrawn": _("信访人撤回"), "referred_up": _("已报上级"), "objection_upheld": _("异议成立"), "not_awaited": _("不再等待会办回复"),
    "parent_ended": _("原交办已结束"), "approved": _("回复通过"), "class_changed": _("件别变更"), "lapsed": _("异议期限届满"),
    "replied": _("已署名回复"), "moved": _("期限调整"), "reopened": _("重新办理"), **CLOSINGS,
}  # fmt: skip
DECISIONS: Words = {"upheld": _("异议成立"), "dismissed": _("异议不成立")}
PAUSES: Words = {
    "hearing": _("听证"), "inspection": _("勘验、检测、鉴定"), "mediation": _("调解"), "court": _("诉讼、复议等司法程序"),
}  # fmt: skip
HANDOVERS: Words = {"left": _("原责任人离任"), "changed_post": _("原责任人调任其他职务")}
MOVES: Words = {
    "extended": _("延期"),
    "resumed": _("恢复计时"),
    "recounted": _("按工作日历重新计算"),
    "hearing": _("听证时间不计"),
}
RUNGS: Words = {
    "reminder": _("催办"), "notice": _("督办单"), "interview": _("约谈"), "suggestion": _("追责建议"), "circular": _("通报"), "bundle": _("四联四包"),
}  # fmt: skip
SOURCES: Words = {"petitioner": _("信访人本人"), "staff": _("工作人员记录")}
MEDIA: Words = {"email": _("邮件"), "tracking_page": _("查询页面"), "post": _("邮寄"), "board": _("回帖")}
TEMPLATES: Words = {
    "registered": _("登记回执"), "case_accepted": _("受理告知"), "case_assigned": _("交办告知"),
    "case_extended": _("延期告知"), "case_concluded": _("办结告知"), "followup_due": _("请求评价"),
    "case_reopened": _("继续办理告知"), "case_closed": _("结案告知"), "withdrawn_for_you": _("代为撤回告知"), "answer_letter": _("书面答复"),
    "closed_on_record": _("结案告知（工作人员记录满意）"), "closed_by_decision": _("决定结案告知"), "not_reached": _("未联系上告知"),
    "review_decided": _("复查复核决定告知"), "code_replaced": _("补发查询码告知"), "case_merged": _("合并办理告知"), "case_split": _("分拆办理告知"),
}  # fmt: skip
FAILURES: Words = {
    "refused": _("对方拒收"), "put_off": _("对方一再推迟接收"), "unreachable": _("邮件服务器无法连接"),
    "bad_address": _("邮箱地址无效"), "bounced": _("邮件被退回"), "expired": _("对方服务器多次投递未成"),
    "unreadable": _("内容无法解密"),
}  # fmt: skip
WISH_MEANS: Words = {"written": _("书面提出"), "oral": _("当面口头提出"), "telephone": _("电话提出")}
WISH_REASONS: Words = {
    "settled": _("事情已经解决"), "other_way": _("改走诉讼、复议等其他途径"), "mistaken": _("误投或重复反映"),
    "unwilling": _("不愿再反映"), "unstated": _("信访人没有说明原因"),
}  # fmt: skip
RELATIONS: Words = {
    "repeat_of": _("重复信访，此前还有"), "repeated_by": _("其后又有重复信访"), "joint_with": _("联名（多人同一事项）"),
    "related_to": _("相关"), "merged_into": _("并入主件"), "leads": _("主件，并入件为"), "split_from": _("分拆自"),
    "split_into": _("已分拆出"),
}  # fmt: skip
LINK_WHYS: Words = {
    "same_person": _("经核对是同一信访人"), "same_matter": _("经比对是同一事项"), "petitioner_says": _("信访人自己说明"),
    "found": _("办理中发现"), "several_matters": _("一件反映了几件事"),
}  # fmt: skip
UNDONE_FORS: Words = {
    "slip": _("操作失误"), "another_matter": _("经核实不是同一事项"), "another_person": _("经核实不是同一信访人"),
    "petitioner_asks": _("信访人要求"),
}  # fmt: skip
REFERRALS: Words = {
    "conflict": _("反映本级或本级一把手"), "dissatisfied": _("信访人不满意"), "withdrawn": _("信访人撤回"),
}  # fmt: skip
LIMITS: Words = {"instruction": _("按批示期限")}
GROUNDS: Words = {
    "overdue": _("逾期未办结"),
    "backlog": _("信访积案"),
    "difficult": _("疑难件"),
    "key": _("重点件"),
    "rounds": _("多轮办理未了结"),
}
CHARGE_ENDINGS: Words = {
    "settled": _("化解息访"), "decision": _("经决定结束包案"), "withdrawn": _("信访人撤回"), "handed_over": _("移交其他领导"), "conflict": _("应当回避"),
}  # fmt: skip
DUTIES: Words = {
    "situation": _("包情况掌握"), "resolution": _("包案件化解"), "ending": _("包息访息诉"), "support": _("包人员稳控（关心帮扶）"),
    "reception": _("包接访处访"),
}  # fmt: skip
EVIDENCE: Words = {
    "visit": _("上门走访"), "reception": _("当面接待"), "call": _("电话沟通"), "site": _("现场查看"), "meeting": _("协调会商"), "help": _("帮扶救助"),
    "document": _("书面材料"),
}  # fmt: skip
# The words of each coded field of the events that a dossier shows; a field named with its event outweighs the field alone.
OF_FIELD: dict[str, Words] = {
    "channel": CHANNELS, "matter_type": MATTERS, "case_class": CLASSES, "part": PARTS, "outcome": OUTCOMES, "kind": KINDS,
    "obligation": OBLIGATIONS, "manner": MANNERS, "result": RESULTS, "source": SOURCES, "cause": CAUSES, "medium": MEDIA,
    "template": TEMPLATES, "reason": REASONS, "message.failed.reason": FAILURES, "case.closed.reason": CLOSINGS,
    "case.referred_up.cause": REFERRALS, "relation": RELATIONS, "why": LINK_WHYS, "undone_for": UNDONE_FORS, "means": WISH_MEANS,
    "case.withdrawn.reason": WISH_REASONS, "step": RUNGS,
    "decision": DECISIONS, "assignment.paused.category": PAUSES, "assignment.resumed.category": PAUSES,
    "assignment.handed_over.reason": HANDOVERS, "deadline.moved.cause": MOVES, "limited_by": LIMITS,
    "charge.proposed.reason": GROUNDS, "ground": GROUNDS, "charge.ended.reason": CHARGE_ENDINGS, "duty": DUTIES, "form": EVIDENCE,
    "review.requested.level": LEVELS, "review.assigned.level": LEVELS, "review.decided.level": LEVELS, "recorded": RESULTS, "found": RESULTS,
    "review.decided.decision": REVIEW_DECISIONS,
}  # fmt: skip

TITLES: Words = {
    "case.registered": _("登记"), "case.supplemented": _("交办摘要修订"), "case.accepted": _("受理"),
    "case.linked": _("关联"), "case.unlinked": _("撤销关联"), "case.referred_up": _("报上级"),
    "case.withdrawn": _("信访人撤回"), "message.sent": _("告知信访人"), "message.failed": _("告知未送达"),
    "case.instructed": _("批示"), "case.classified": _("件别认定"), "case.escalated": _("提级办理"),
    "assignment.issued": _("交办"), "assignment.received": _("签收"), "assignment.objected": _("管辖异议"),
    "assignment.objection_decided": _("异议决定"), "assignment.extension_requested": _("申请延期"), "assignment.extended": _("准予延期"),
    "assignment.extension_refused": _("不予延期"), "assignment.paused": _("期限暂停"), "assignment.resumed": _("恢复计时"),
    "assignment.handed_over": _("移交责任人"),
    "assignment.progressed": _("办理进展"), "assignment.replied": _("署名回复"), "assignment.returned": _("退回重办"),
    "assignment.approved": _("回复通过"), "assignment.withdrawn": _("撤回交办"), "accountability.recorded": _("问责"),
    "case.concluded": _("办结"), "case.reopened": _("重新办理"), "deadline.set": _("期限开始"),
    "deadline.approaching": _("期限临近"), "deadline.missed": _("超期"), "deadline.met": _("期限内事项已办"), "deadline.paused": _("期限暂停"),
    "deadline.moved": _("期限调整"),
    "deadline.withdrawn": _("期限终止"), "followup.due": _("安排回访"), "followup.recorded": _("回访"),
    "case.satisfied": _("信访人满意"), "case.dissatisfied": _("信访人不满意"), "case.closed": _("结案"),
    "case.archived": _("存档"), "charge.proposed": _("提请包案"), "charge.taken": _("领导包案"), "charge.ended": _("包案结束"),
    "duty.recorded": _("落实五包责任"),
    "supervision.reminded": _("催办"), "supervision.noticed": _("发出督办"), "supervision.annulled": _("撤销督办步骤"),
    "interview.called": _("通知约谈"), "interview.appointed": _("约谈时间地点"), "interview.held": _("约谈"), "interview.cancelled": _("取消约谈"),
    "circular.listed": _("列入通报"),
    "followup.unreachable": _("多次未联系上"), "followup.checked": _("督查室复核回访"),
    "case.contested": _("信访人提出异议"), "review.requested": _("申请复查复核"), "review.assigned": _("指定复查人"),
    "review.decided": _("复查复核决定"),
}  # fmt: skip
# (icon, tone) of an entry of the dossier
LOOKS = {
    "case.registered": ("note", ""), "case.supplemented": ("pen", ""), "case.accepted": ("check", ""),
    "case.linked": ("note", ""), "case.unlinked": ("return", ""), "case.referred_up": ("up", "instruction"),
    "case.withdrawn": ("return", ""), "message.sent": ("send", ""), "message.failed": ("alert", "late"),
    "case.instructed": ("pen", "instruction"), "case.classified": ("note", ""), "case.escalated": ("up", "instruction"),
    "assignment.issued": ("send", ""), "assignment.received": ("check", ""), "assignment.objected": ("return", "late"),
    "assignment.objection_decided": ("pen", "instruction"), "assignment.extension_requested": ("clock", ""),
    "assignment.extended": ("clock", "instruction"), "assignment.extension_refused": ("return", "instruction"),
    "assignment.paused": ("pause", "instruction"), "assignment.resumed": ("clock", "instruction"),
    "assignment.handed_over": ("send", ""),
    "assignment.progressed": ("note", ""), "assignment.replied": ("reply", "reply"),
    "assignment.returned": ("return", "instruction"), "assignment.approved": ("check", "reply"),
    "assignment.withdrawn": ("return", ""), "accountability.recorded": ("alert", "instruction"),
    "case.concluded": ("check", "done"), "case.reopened": ("return", "late"), "deadline.set": ("clock", ""),
    "deadline.approaching": ("bell", ""), "deadline.missed": ("alert", "late"), "deadline.met": ("clock", ""), "deadline.paused": ("pause",
    ""), "deadline.moved": ("clock", ""),
    "deadline.withdrawn": ("clock", ""), "followup.due": ("call", ""), "followup.recorded": ("call", ""),
    "case.satisfied": ("check", "done"), "case.dissatisfied": ("alert", "late"), "case.closed": ("seal", "done"),
    "case.archived": ("seal", "done"), "charge.proposed": ("up", "instruction"), "charge.taken": ("up", "instruction"),
    "charge.ended": ("check", ""), "duty.recorded": ("note", ""),
    "supervision.reminded": ("bell", "late"), "supervision.noticed": ("alert", "instruction"),
    "supervision.annulled": ("return", ""), "interview.called": ("alert", "instruction"), "interview.appointed": ("clock", ""),
    "interview.held": ("check", "instruction"), "interview.cancelled": ("return", ""), "circular.listed": ("alert", "late"),
    "followup.unreachable": ("call", "late"), "followup.checked": ("check", ""),
    "case.contested": ("alert", "late"), "review.requested": ("return", "late"), "review.assigned": ("send", ""),
    "review.decided": ("pen", "instruction"),
}  # fmt: skip

# (label, definition): what stands on the page of statistics; statistics.py is the definition itself.
FIGURES: dict[str, tuple[str | LazyString, str | LazyString]] = {
    "registered": (_("登记"), _("本期内登记的信访件。")),
    "accepted": (_("受理"), _("本期内受理的信访件。")),
    "withdrawn": (_("撤回"), _("本期内信访人撤回的信访件。")),
    "instructions": (_("批示"), _("本期内作出的批示次数；点击查看所涉信访件，一件可有多次批示。")),
    "replied": (_("已回复"), _("本期内收到主办或牵头的第一份署名回复的信访件，其后是否退回不影响计数。")),
    "concluded": (_("已办结"), _("本期内办结、其后没有重新办理的信访件。")),
    "closed": (_("已结案"), _("本期内结案、其后没有重新办理的信访件。")),
    "due_reply": (_("到期应回复"), _("回复期限落在本期内并且已到的信访件；到期前撤销的期限不算。")),
    "due_reply_done": (_("其中已回复"), _("上项之中，截至期末（或此刻）主办或牵头已有署名回复的，不论是否逾期。")),
    "due_closing": (_("到期应结案"), _("首次办结期限落在本期内并且已到的信访件；再次批示、重新办理不重新计时。")),
    "due_closing_done": (_("其中已结案"), _("上项之中，截至期末（或此刻）已结案的，不论是否逾期。")),
    "satisfied_petitioner": (
        _("满意（信访人自评）"),
        _("本期内信访人本人在查询页或经链接评为满意的轮次；同一轮以最后一次评价为准。"),
    ),
    "dissatisfied_petitioner": (_("不满意（信访人自评）"), _("本期内信访人本人评为不满意的轮次，含对“满意”记录提出异议的。")),
    "satisfied_staff": (_("满意（工作人员记录）"), _("本期内由工作人员回访后记录为满意的轮次，与信访人自评分开统计。")),
    "dissatisfied_staff": (_("不满意（工作人员记录）"), _("本期内由工作人员回访后记录为不满意的轮次。")),
    "contested": (_("对记录提出异议"), _("本期内信访人对工作人员“满意”的记录提出异议的轮次。")),
    "repeat": (_("重复信访"), _("本期内登记、经核对与此前信访件为重复信访的信访件。")),
    "skip_level": (_("越级上访"), _("本期内记录的越级上访次数，撤销的不计。只列总数，不列信访件，不分单位。")),
}
IN_HAND = (_("在办"), _("此刻已登记、尚未办结和撤回的信访件，不论到了谁手里；已办结、待回访的不算在办。"))
_ASKED = _("本期内评价过的轮次；点击查看所涉信访件，一件可有多轮。")
_TOOK = _("本期内登记、该环节已经完成的信访件。")
# (label, of what): the rates of statistics.RATES.
RATES: dict[str, tuple[str | LazyString, str | LazyString]] = {
    "reply_rate": (_("到期回复率"), _("到期应回复")), "closing_rate": (_("到期结案率"), _("到期应结案")),
    "satisfied_by_petitioners": (_("满意率（信访人自评）"), _("已自评的轮次")),
    "satisfied_by_record": (_("满意率（工作人员记录）"), _("已记录的轮次")), "repeats": (_("重复信访率"), _("登记")),
}  # fmt: skip
DIMENSIONS: Words = {
    "unit": _("责任单位"), "leader": _("责任人"), "channel": _("渠道"), "category": _("类别"), "place": _("属地"),
}  # fmt: skip
# What every figure is called that a page shows or a list is the list of, and what it means.
DEFINED: dict[str, tuple[str | LazyString, str | LazyString]] = FIGURES | {
    "in_hand": IN_HAND,
    "instructed": FIGURES["instructions"],
    "interviewed": (
        _("约谈（人次）"),
        _("本期内实际进行的约谈，一人一次为一人次，涉及几件信访件也只计一次；通知后取消的不计。点击查看所涉信访件。"),
    ),
    "answered_petitioner": (_("信访人自评"), _ASKED),
    "answered_staff": (_("工作人员记录的评价"), _ASKED),
}
STEPS: Words = {
    "review": _("登记到批示"), "receipt": _("交办到签收"), "reply": _("交办到首次回复"), "conclusion": _("登记到办结"), "closing": _("登记到结案"),
}  # fmt: skip


DEFINED |= {f"took_{step}": (label, _TOOK) for step, label in STEPS.items()}


def word(words: Words, code: str | None) -> str:
    """The word for a code; the code itself where there is none, nothing for None."""
    return "" if code is None else str(words.get(code, code))


def told(event: str, field: str, code: str | None) -> str:
    """The word for the code in a field of an event; nothing where the event does not say it."""
    return word(OF_FIELD.get(f"{event}.{field}") or OF_FIELD[field], code)


def lasting(time: timedelta) -> str:
    """How long something took, in the largest unit that tells it well."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 120:
        return gettext("%(n)d 分钟", n=minutes)
    if minutes < 48 * 60:
        return gettext("%(n)s 小时", n=f"{minutes / 60:.1f}")
    return gettext("%(n)s 天", n=f"{minutes / 1440:.1f}")
