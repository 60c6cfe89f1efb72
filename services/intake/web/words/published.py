"""Words for the codes of published answers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, Any]] = {
    "consents": {
        "written": _("本人书面同意"), "oral": _("本人当面同意"), "telephone": _("本人电话同意"), "office": _("匿名信访，由办公室决定"),
    },
    "take_backs": {
        "asked": _("信访人要求撤下"), "mistaken": _("内容有误"), "personal": _("含有个人信息"), "changed": _("改写后重新公开"),
    },
}  # fmt: skip
