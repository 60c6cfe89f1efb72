"""Words for what files are, and for what the virus scanner said of them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, Any]] = {
    "file_kinds": {
        "scan": _("信件页"), "envelope": _("信封"), "photo": _("照片"), "recording": _("录音录像"), "document": _("文档"),
        "other": _("其他文件"),
    },
    "forms": {
        "pdf": "PDF", "jpeg": "JPEG", "png": "PNG", "tiff": "TIFF", "webp": "WebP", "heic": "HEIC", "aac": "AAC", "amr": "AMR",
        "m4a": "M4A", "mp3": "MP3", "mp4": "MP4", "ogg": "Ogg", "wav": "WAV", "doc": _("Word 文档"), "docx": _("Word 文档"),
        "xls": _("Excel 表格"), "xlsx": _("Excel 表格"), "ppt": _("演示文稿"), "pptx": _("演示文稿"), "odf": _("开放文档"),
        "ofd": "OFD", "ole": _("旧版办公文档"), "rtf": "RTF", "txt": _("纯文本"), "zip": _("压缩包"),
    },
    "scans": {
        "none": _("未查毒"), "waiting": _("尚未查毒"), "clean": _("已查毒"), "infected": _("有病毒，已隔离"),
        "failed": _("无法查毒"), "oversize": _("超过查毒大小上限，未查毒"),
    },
    "scan_tones": {"none": "neutral", "waiting": "attention", "clean": "done", "infected": "bad", "failed": "attention", "oversize": "attention"},
}  # fmt: skip
