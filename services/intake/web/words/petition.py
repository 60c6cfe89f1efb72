"""Words for the codes of a petition, its messages and its looks."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, Any]] = {
    "channels": {"letter": _("来信"), "visit": _("来访"), "call": _("来电"), "email": _("来邮"), "post": _("来贴")},
    "matters": {"suggestion": _("建议意见"), "accusation": _("检举控告"), "appeal": _("申诉求决"), "other": _("其他")},
    "identities": {"named": _("实名"), "confidential": _("实名保密"), "anonymous": _("匿名")},
    "stages": {
        "registered": _("已登记"), "accepted": _("已受理"), "handling": _("办理中"), "concluded": _("已办结"),
        "withdrawn": _("已撤回"),
        "closed": _("已结案"), "archived": _("已存档"),
    },
    "tones": {
        "registered": "attention", "accepted": "progress", "handling": "progress", "concluded": "done", "withdrawn": "neutral",
        "closed": "done", "archived": "done",
    },
    "outcomes": {"supported": _("支持"), "explained": _("解释说明"), "not_supported": _("不予支持")},
    "purposes": {
        "contact": _("联系信访人"), "verify": _("核实身份"), "investigate": _("调查核实"), "answer": _("送达答复"),
        "followup": _("回访"),
        "lost_code": _("补发查询码"), "reading": _("查看办理"), "unread": _("辨认来件"), "board": _("辨认网帖"), "board_list": _("浏览网帖标题"),
        "transcribe": _("抄录、摘要"), "notice": _("送达告知书"), "code_replaced": _("已补发查询码"),
        "call_back": _("回电"), "calls": _("查看来电记录"), "import": _("改正导入的旧件"), "visitor_search": _("查找来访人"),
    },
    "levels": {"review": _("复查"), "final": _("复核")},
    "review_decisions": {"upheld": _("维持原处理意见"), "changed": _("变更处理意见"), "redo": _("责令重新办理")},
    "wishes": {
        "contest": _("对“满意”的记录提出异议"), "reopen": _("要求重新办理"), "review": _("申请复查"), "final": _("申请复核"),
    },
    "remarks": {
        "answer": _("评价时的留言"), "correction": _("更正评价时的留言"), "contest": _("提出异议的理由"),
        "reopen": _("要求重新办理的理由"), "review": _("申请复查的理由"), "final": _("申请复核的理由"),
    },
    "means": {"written": _("书面提出"), "oral": _("当面口头提出"), "telephone": _("电话提出")},
    "withdrawals": {
        "settled": _("事情已经解决"), "other_way": _("改走诉讼、复议等其他途径"), "mistaken": _("误投或重复反映"),
        "unwilling": _("不愿再反映"), "unstated": _("信访人没有说明原因"),
    },
    "liftings": {
        "slip": _("登记时误选"), "namesake": _("同名或名称相近，认错了人或单位"), "not_meant": _("经核实，来件没有反映该对象"),
    },
    "looks": {"text": _("信访内容"), "identity": _("信访人身份"), "mail": _("未识别来件"), "original": _("原件"), "quarantined": _("隔离的文件")},
    "reasons": {
        "too_large": _("超过 25 MB"), "broken": _("格式损坏"), "too_deep": _("嵌套过深"), "no_text": _("没有正文"),
        "auto_reply": _("自动回复"), "loop": _("本系统邮件退回"), "null_sender": _("没有发件人（退信）"), "bulk": _("群发邮件"),
        "other_content": _("标识与已登记的另一份相同"), "bounce": _("退信通知"), "too_many_lines": _("行数过多"), "unfetchable": _("信箱服务器不给出这封邮件"),
        "malformed": _("格式不对"), "unknown_kind": _("系统不认识的消息种类"),
    },
    "dismissals": {
        "spam": _("广告或垃圾邮件"), "automatic": _("自动回复或退信"), "duplicate": _("与已登记的重复"),
        "no_request": _("没有诉求"),
        "empty": _("没有内容"),
    },
    "steps": {
        "mail": _("已收到您的补充邮件"), "registered": _("您的信访件已登记"), "received_in_person": _("领导已接访"), "supplemented": _("您补充了材料"),
        "code_replaced": _("查询码已在接待室补发，旧码作废"), "accepted": _("已受理"), "handed_over": _("一把手已批阅，已交责任领导办理"),
        "extended": _("办理期限已延长，理由见告知"),
        "concluded": _("已办结，答复见上"), "asked": _("请您评价办理结果"), "answered": _("已收到您的评价"),
        "reopened": _("继续办理"), "answer_corrected": _("您已更正评价"), "recorded_satisfied": _("工作人员记录您表示满意"),
        "contested": _("您已提出异议"), "reopen_asked": _("您要求重新办理"), "review_asked": _("您已申请复查"),
        "review_decided": _("复查已作出决定"), "final_asked": _("您已申请复核"), "final_decided": _("复核已作出决定"),
        "merged": _("与同一事项的其他来件合并办理"), "unmerged": _("恢复单独办理"), "split": _("几件事分别登记办理"),
        "withdrawn": _("您已撤回"), "withdrawn_by_staff": _("工作人员按您的要求撤回"), "closed": _("已结案"), "archived": _("已存档"),
        "imported": _("从原系统转入"),
    },
    "step_icons": {
        "mail": "email",
        "registered": "note", "received_in_person": "visit", "supplemented": "note", "code_replaced": "lock", "accepted": "seal",
        "handed_over": "send", "extended": "clock", "concluded": "check", "asked": "bell",
        "answered": "reply",
        "reopened": "return", "answer_corrected": "reply", "recorded_satisfied": "call", "contested": "alert",
        "reopen_asked": "return",
        "review_asked": "return", "review_decided": "seal", "final_asked": "return", "final_decided": "seal",
        "merged": "up", "unmerged": "return", "split": "note", "withdrawn": "return",
        "withdrawn_by_staff": "alert", "closed": "check", "archived": "lock",
        "imported": "send",
    },
}  # fmt: skip
