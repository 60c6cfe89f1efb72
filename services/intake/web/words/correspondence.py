"""Words for the mails of a case, and for messages that did not arrive."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, Any]] = {
    "letters": {"answer": _("信访人邮件"), "bounce": _("退信通知"), "automatic": _("自动回复")},
    "message_stages": {"waiting": _("待发出"), "sent": _("已发邮件"), "shown": _("查询页面告知"), "failed": _("未送达")},
    "message_tones": {"waiting": "neutral", "sent": "done", "shown": "neutral", "failed": "attention"},
    "failures": {
        "refused": _("对方拒收"), "put_off": _("对方一再推迟接收"), "unreachable": _("邮件服务器无法连接"),
        "bad_address": _("邮箱地址无效"), "bounced": _("邮件被退回"), "expired": _("对方服务器多次投递未成"),
        "delayed": _("对方服务器仍在投递"), "unreadable": _("内容无法解密"),
    },
}  # fmt: skip
