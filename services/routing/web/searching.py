"""The review queue as whoever reads may see it, and searching in it by what stands in the address or the form."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from flask import request

from services.routing import handlers, store
from services.routing.domain import posts_of
from services.routing.web.common import WORDS, reader, seen, sight
from shared.database import UnitOfWork

LONGEST = 100


def asked() -> str:
    """What is searched for; empty where nothing is."""
    return request.values.get("q", "").strip()[:LONGEST]


def queue_of(uow: UnitOfWork) -> list[dict[str, Any]]:
    """The queue, or those cases of it in whose number, title, brief, place or category every word stands."""
    words = unicodedata.normalize("NFKC", asked()).casefold().split()
    wanted = [{"word": word, "categories": _named(word)} for word in words]
    return for_head(uow, "review_queue", "id", wanted=json.dumps(wanted) if wanted else None)


def for_head(uow: UnitOfWork, name: str, case: str, **params: Any) -> list[dict[str, Any]]:
    """A list for whoever reads: a deputy's is without what is kept from the first-in-command."""
    rows, delegation = seen(uow, name, **params), handlers.standing_in(uow, reader().official_id)
    if delegation is None:
        return rows
    head = delegation.head
    posts = sorted(posts_of(head.official, store.directory(uow), head.organisation))
    his = {row[case] for row in uow.all(store.SQL[name], **sight(uow) | {"me": head.official, "posts": posts}, **params)}
    return [row for row in rows if row[case] in his]


def _named(word: str) -> list[str]:
    """The categories with this word in their name."""
    return [code for code, name in WORDS["categories"].items() if word in str(name).casefold()]
