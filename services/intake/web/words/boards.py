"""Words for the codes of boards, their posts and the answers under them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, Any]] = {
    "board_kinds": {"feed": _("订阅"), "hook": _("推送")},
    # What a board did wrong, or we at it; the status that HTTP gave stands beside it.
    "board_failures": {
        "bad_address": _("网址不合规定"), "no_such_host": _("找不到主机"), "address_refused": _("指向内部或保留地址，未连接"),
        "unreachable": _("连接不上"), "untrusted": _("证书不可信"), "no_tls": _("加密连接失败"), "too_slow": _("超时"),
        "too_large": _("内容过大"), "redirects": _("转址过多"), "redirect_refused": _("转址不合规定"), "refused": _("对方拒绝"),
        "busy": _("对方繁忙"), "broken_off": _("传输中断"), "packing": _("压缩方式不支持"), "not_a_feed": _("不是订阅内容"),
        "broken": _("格式损坏"), "too_costly": _("内容异常，无法解析"), "no_interface": _("版块没有回帖接口"),
        "unfit": _("信访件有变，不再公开回帖"), "no_secret": _("读不到签名密钥"),
    },
    "board_stages": {"waiting": _("待处理"), "registered": _("已登记"), "aside": _("已搁置")},
    "post_reasons": {"no_text": _("没有文字"), "broken": _("格式损坏")},
    "no_posts": {
        "waiting": _("没有待处理的帖子"), "unread": _("没有读不出的帖子"), "edited": _("没有登记后修改的帖子"), "aside": _("没有搁置的帖子"),
    },
    "asides": {
        "no_request": _("没有诉求"), "not_ours": _("不属本县"), "duplicate": _("与已登记的重复"), "advertisement": _("广告"),
        "official": _("本县发布的内容"),
    },
    "reply_stages": {
        "waiting": _("等待发出"), "by_hand": _("待人工回帖"), "sent": _("已回帖"), "failed": _("回帖失败"), "posted": _("已人工回帖"),
    },
    "reply_tones": {
        "waiting": "progress", "by_hand": "attention", "sent": "done", "failed": "attention", "posted": "done",
    },
}  # fmt: skip
