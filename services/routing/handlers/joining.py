"""Which instances are subordinate to ours, and what keeps one from being let go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.routing import store
from services.routing.handlers import sync
from services.routing.workflow import OPEN
from shared.database import UnitOfWork
from shared.errors import Conflict


def join(uow: UnitOfWork, org: str, services: str, broker: str) -> None:
    """Note a subordinate; the relay takes it up within a minute."""
    uow.all(store.SQL["join"], org=org, services=services, broker=broker)


def joined(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Those that were joined by command."""
    return uow.all(store.SQL["joined"])


def leave(uow: UnitOfWork, org: str, in_queue: int) -> None:
    """Let one go. `in_queue` is how much its queue at our broker holds. Raises Conflict while anything waits."""
    waiting = list(_waiting(uow, org, in_queue))
    if waiting:
        raise Conflict(
            "org",
            "与%(org)s之间还有未了事项：%(waiting)s。",
            "请待双方核对一致、交办办结后再解除。",
            org=org,
            waiting="；".join(waiting),
        )
    uow.all(store.SQL["leave"], org=org)


def _waiting(uow: UnitOfWork, org: str, in_queue: int) -> Iterator[str]:
    if in_queue:
        yield f"队列中 {in_queue} 条"
    for one in sync.neighbours(uow):
        behind = sum(flow.behind for flow in one.flows)
        if one.org == org and behind:
            yield f"未送达或未收到 {behind} 条"
    found = uow.one(store.SQL["open_below"], org=org, open=sorted(OPEN))
    if found and found["open"]:
        yield f"未办结交办 {found['open']} 项"
