"""Words for what petitions are to each other, and for what speaks for it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, Any]] = {
    "relations": {
        "repeat_of": _("重复信访，此前还有"), "repeated_by": _("其后又有重复信访"), "joint_with": _("联名（多人同一事项）"),
        "related_to": _("相关"), "merged_into": _("并入主件"), "leads": _("主件，并入件为"), "split_from": _("分拆自"),
        "split_into": _("已分拆出"),
    },
    "relation_choices": {
        "repeat_of": _("重复信访：同一事项再次反映"), "joint_with": _("联名：几个人反映同一事项"), "related_to": _("相关：不是同一事项，但应一起看"),
        "merged_into": _("并案：本件并入另一件，由另一件作主件办理"),
    },
    "link_whys": {
        "same_person": _("经核对是同一信访人"), "same_matter": _("经比对是同一事项"), "petitioner_says": _("信访人自己说明"),
        "found": _("办理中发现"), "several_matters": _("一件反映了几件事"),
    },
    "undone_fors": {
        "slip": _("操作失误"), "another_matter": _("经核实不是同一事项"), "another_person": _("经核实不是同一信访人"),
        "petitioner_asks": _("信访人要求"),
    },
    "guesses": {"repeat": _("可能重复"), "joint": _("可能联名"), "person": _("同一信访人的另一件")},
    "guess_tones": {"repeat": "attention", "joint": "progress", "person": "neutral"},
    "guess_relations": {"repeat": "repeat_of", "joint": "joint_with", "person": "related_to"},
    "likenesses": {
        "same_phone": _("同一电话"), "same_email": _("同一邮箱"), "same_id": _("同一证件号码"), "same_place": _("同一地点"),
        "same_category": _("同一类别"), "same_complained": _("被反映的对象相同"),
    },
}  # fmt: skip
