"""A county that names three boards, and posts as they come from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from services.intake.channels.boards import Answers, Feed
from services.intake.channels.fetching import Client
from services.intake.domain.boards import Post
from services.intake.site import Site
from services.intake.site.boards import Board
from services.intake.vault.crypto import Vault
from shared.asking import Limits
from shared.database import Database

SECRET, OLD_SECRET = b"a-secret-of-the-board-that-is-long", b"the-secret-that-was-in-force-before"
REPLY_SECRET = b"the-secret-that-signs-our-own-replies"
AUTHOR, WORDS = "网名金丝雀", "金丝雀病了，药费没有着落，请书记过问。"
AGENT = "Zhida/1 (431023; +https://yongxing.example)"


def write_site(folder: Path, address: str) -> Path:
    """The site's file: a feed that takes replies, a feed for petitions alone, and a hook."""
    for name, secret in (("hook.key", SECRET), ("old.key", OLD_SECRET), ("reply.key", REPLY_SECRET)):
        (folder / name).write_bytes(secret + b"\n")
    boards = [
        {
            "name": "forum", "title": "永兴论坛", "kind": "feed", "url": f"{address}/feed", "allow_private": True,
            "every_minutes": 1, "exclude": ["招聘"], "reply": {"url": f"{address}/reply", "secret_file": "reply.key"},
        },
        {"name": "letters", "title": "书记信箱", "kind": "feed", "url": f"{address}/feed", "allow_private": True, "register": "at_once"},
        {"name": "red", "title": "红网问政", "kind": "hook", "secret_files": ["hook.key", "old.key"]},
    ]  # fmt: skip
    path = folder / "intake.yaml"
    path.write_text(yaml.safe_dump({"boards": boards}, allow_unicode=True), encoding="utf-8")
    return path


def board(site: Site, name: str = "forum") -> Board:
    return next(board for board in site.boards if board.name == name)


def a_post(**changes: Any) -> Post:
    given: dict[str, Any] = {
        "guid": "1", "url": "https://forum.example.org/t/1", "title": "药费", "text": WORDS, "author": AUTHOR, "original": f"<p>{WORDS}",
    }  # fmt: skip
    return Post(**given | changes)


def a_client() -> Client:
    return Client(agent=AGENT, private=True, limits=Limits(connect=2, read=2, total=5))


def a_feed(found: Board, database: Database, vault: Vault) -> Feed:
    return Feed(found, database, vault, a_client())


def some_answers(site: Site, database: Database, vault: Vault) -> Answers:
    return Answers(site.boards, database, vault, {found.name: a_client() for found in site.boards}, office="永兴县")
