"""Words for the codes of the reception calendar and of visits."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, Any]] = {
    "rule_kinds": {"fixed": _("定期接访"), "rota": _("轮班接访")},
    "weeks": {"1": _("第一个"), "2": _("第二个"), "3": _("第三个"), "4": _("第四个"), "-1": _("最后一个")},
    "acts": {
        "cancel": _("取消"), "move": _("改期"), "restore": _("恢复原安排"), "swap": _("调班"), "close_day": _("全天停止接访"),
        "open_day": _("恢复接访日"), "end": _("终止安排"),
    },
    "cancellations": {
        "duty": _("公务安排"), "leave": _("休假"), "emergency": _("突发事件"), "room": _("场地原因"), "ended": _("安排终止"),
        "closed": _("当天停止接访"),
    },
    "doubts": {
        "off_day": _("非工作日"), "room_taken": _("地点冲突"), "official_twice": _("同一人同时接访两场"), "not_in_post": _("接访人已不在岗"),
    },
    "visit_stages": {
        "booked": _("已预约"), "waiting": _("候访"), "called": _("已叫号"), "receiving": _("接访中"), "done": _("已接访"),
        "cancelled": _("已取消"), "no_show": _("未到"), "left": _("已离开"),
    },
    "visit_tones": {
        "booked": "neutral", "waiting": "attention", "called": "progress", "receiving": "progress", "done": "done",
        "cancelled": "neutral", "no_show": "neutral", "left": "neutral",
    },
    "visit_kinds": {"booked": _("预约来访"), "walk_in": _("未预约")},
    "visit_outcomes": {
        "answered": _("当场答复"), "registered": _("转为信访件"), "linked": _("并入已有信访件"), "refused": _("未予接访"),
    },
    "visit_steps": {
        "call": _("叫号"), "put_back": _("退回候访"), "begin": _("开始接访"), "no_show": _("未到"), "leave": _("已离开"),
    },
    "ended_for": {
        "called_off": _("来访人说不来了"), "changed": _("场次有变"), "slip": _("重复或误约"), "tired": _("等候太久"),
        "elsewhere": _("改由其他途径办理"), "personal": _("个人原因"),
    },
    "to_call": {"changed": _("场次有变"), "cancelled": _("场次取消"), "not_suited": _("须改由其他领导接待")},
}  # fmt: skip
