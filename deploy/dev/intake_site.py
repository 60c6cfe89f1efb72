"""What the demo's county decides about its intake."""

from __future__ import annotations

import secrets
from pathlib import Path

import yaml

from deploy.dev.ports import LOOPBACK


def write_site(folder: Path, smtp_port: int) -> Path:
    """The file that ZHIDA_FILE_INTAKE names, with the secrets beside it. Written anew it says the same."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("duty.secret", "board.secret"):
        if not (folder / name).exists():
            (folder / name).write_text(secrets.token_urlsafe(32) + "\n")
    site = {
        "mail": {"listeners": [{"protocol": "smtp", "host": LOOPBACK, "port": smtp_port}], "domain": "yongxing.example"},
        "telephone": {
            "lines": {"duty": {"name": "值班电话 0735-5550000", "name_en": "Duty telephone", "secrets": ["duty.secret"]}}
        },
        "boards": [{"name": "forum", "title": "永兴论坛", "kind": "hook", "secret_files": ["board.secret"]}],
    }
    path = folder / "intake.yaml"
    path.write_text(yaml.safe_dump(site, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
