"""Words for the import of old cases: where it stands, why a file could not be read, what a column takes."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from services.intake.schemas.imports import COLUMNS

WORDS: dict[str, dict[str, Any]] = {
    "import_columns": COLUMNS,
    "import_stages": {
        "waiting": _("等待检查"), "checking": _("正在检查"), "checked": _("检查完毕，待确认"), "running": _("正在登记"), "paused": _("已暂停"),
        "done": _("已完成"), "cancelled": _("已取消"), "unreadable": _("文件不能读取"),
    },
    "import_tones": {
        "waiting": "neutral", "checking": "progress", "checked": "attention", "running": "progress", "paused": "attention",
        "done": "done", "cancelled": "neutral", "unreadable": "bad",
    },
    "import_counts": {
        "open": _("未办结"), "finished": _("已办结"), "again": _("以前登记过"), "failed": _("有错误"), "warned": _("有提醒"),
    },
    "import_faults": {
        "empty": _("文件里没有内容。请核对是否选错了文件。"),
        "no_table": _("这不是表格文件。请用 xlsx、xls、ods 或 csv 文件。"),
        "page": _("这是网页，只是文件名像表格。请用 WPS 或 Excel 打开，另存为 xlsx 后再上传。"),
        "encrypted": _("文件有打开密码。请去掉密码，另存后再上传。"),
        "broken": _("文件已损坏。请用 WPS 或 Excel 打开，另存为 xlsx 后再上传。"),
        "bomb": _("文件展开后过大，不予打开。请另存为新的 xlsx，或分成几个文件。"),
        "too_large": _("表格太大。请分成几个文件，分别导入。"),
        "long_row": _("有一行的文字超过 30 万字，多半是表格出了错。请改正这一行，或把它另存为文件附在信访件里。"),
        "doctype": _("文件里有不应有的外部引用，不予打开。请另存为新的 xlsx。"),
        "encoding": _("认不出文字编码。请另存为 xlsx，或存为 UTF-8 的 csv。"),
        "quote": _("引号不成对，从这里往后分不清行。请改正这一行的引号，或另存为 xlsx。"),
        "no_headings": _("前 30 行里没有找到表头。请按模板写表头，至少要有“原编号”一列。"),
        "missing": _("缺少必需的列。请补上这些列："),
        "doubled": _("有重复的列。请删去多余的列："),
        "crashed": _("读取时出错。请另存为新的 xlsx 后再上传；仍不行请联系系统管理员。"),
    },
    "import_formats": {"workbook": _("工作簿"), "old workbook": _("旧式工作簿"), "text": _("文本")},
    "import_guide": {
        "old_number": _("原系统里的编号，同一系统内不得重复。再次导入同一编号，不会重复登记。"),
        "channel": _("来信、来访、来电、来邮、来贴"),
        "received_on": _("2016-08-01、2016/8/1、2016年8月1日都可以，不得早于十年前"),
        "registered_on": _("原系统的登记日期"),
        "matter_type": _("建议意见、检举控告、申诉求决、其他；不填按其他"),
        "category": _("登记表单里的问题类别，大类、小类都可以，如“生态环境”“水污染”；不认识的按未分类"),
        "place": _("乡镇名称或行政区划代码"),
        "identity": _("实名、实名保密、匿名；不填时，有姓名或联系方式的按实名保密"),
        "phone": _("按文本填写，表格软件显示为 1.38E+10 的号码已不完整，会被拒绝"),
        "group_size": _("共同提出的人数，不填按 1"),
        "title": _("最多 200 个字"),
        "text": _("信访人的原文，加密保存"),
        "brief": _("不含个人信息的摘要，随案流转；与摘要标题可以只填一个"),
        "unit": _("原来由哪个单位承办"),
        "outcome": _("支持、解释说明、不予支持"),
        "answer": _("给信访人的答复；已办结的，信访人可凭编号和查询码查看"),
        "concluded_on": _("填了办结日期的，按已办结存档，不再交办；信访人不满意又没有结案的除外"),
        "closed_on": _("填了结案日期的，按已办结存档"),
        "satisfied": _("满意、不满意；承办单位看不到"),
    },
}  # fmt: skip
