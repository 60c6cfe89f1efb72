"""Words for the codes of calls, of ringing back and of the duty roster."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, Any]] = {
    "call_outcomes": {
        "case": _("已登记信访件"), "information": _("问询，已答复"), "misdial": _("打错电话"), "silent": _("无人说话"),
        "emergency": _("威胁或紧急情况，转 110"),
    },
    "ring_results": {"reached": _("已接通"), "no_answer": _("无人接听"), "busy": _("占线")},
    "give_ups": {"unreachable": _("多次无人接听"), "not_in_service": _("空号或停机"), "refuses": _("对方拒接或表示不需要")},
    "told": {
        "ringing": _("振铃"), "answered": _("接听"), "missed": _("未接"), "ended": _("挂断"), "recorded": _("有录音"),
    },
    "turns": {
        "shift": _("一班一换：每个班次轮到下一人"), "day": _("一天一换：当天各班依次由几个人值，次日各往后轮一位"),
        "week": _("一周一换：各班一周内固定，下周各往后轮一位"),
    },
    "weekdays": {
        "1": _("周一"), "2": _("周二"), "3": _("周三"), "4": _("周四"), "5": _("周五"), "6": _("周六"), "7": _("周日"),
    },
}  # fmt: skip
