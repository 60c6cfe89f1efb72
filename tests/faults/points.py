"""The named points at which a process can be killed or frozen: every place where one durable thing is done and the next is not.

                web                       relay                                              worker
commit | answer              seal | commit | publish | confirm | mark | commit      take | commit | acknowledge
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Point:
    """Before or after a function of the product. `busy`: only when it had something to do, by what it returns."""

    place: str  # module:function or module:Class.method
    before: bool
    counts: Callable[..., bool] = lambda *args: True
    busy: bool = False

    def find(self) -> tuple[Any, str]:
        """The object that has the function, and the function's name in it."""
        module, _, path = self.place.partition(":")
        owner: Any = importlib.import_module(module)
        *outer, name = path.split(".")
        for part in outer:
            owner = getattr(owner, part)
        return owner, name


def _tells(uow: Any, *rest: Any) -> bool:
    return bool(uow.told > 0)


def _handles(uow: Any, *rest: Any) -> bool:
    return uow.cause is not None


def _is_mark(messages: Any) -> bool:
    return bool(messages) and messages[0].type == "replay"


COMMIT = "shared.database:UnitOfWork.commit"
POINTS = {
    # what answers a petitioner
    "web_before_commit": Point(COMMIT, True, _tells),
    "web_before_events": Point("shared.database:UnitOfWork._write_log", True),
    "web_after_commit": Point("shared.poke:Poker.poke", True),
    # what answers a telephone system
    "telephone_after_commit": Point("services.intake.web.telephone:answer", True),
    # relay
    "relay_before_seal": Point("shared.bus.relay:Relay._write_seals", True),
    "relay_before_seal_commit": Point("shared.bus.relay:Relay._write_seals", False),
    "relay_after_seal": Point("shared.bus.relay:Relay.seal", False, busy=True),
    "relay_before_publish": Point("shared.bus.broker:Publisher.send", True),
    "relay_in_publish": Point("shared.bus.broker:Publisher._publish", False),
    "relay_after_publish": Point("shared.bus.delivery:Destination._advance", True),
    "relay_after_mark": Point("shared.bus.delivery:Destination._mark", False),
    "relay_after_mark_commit": Point("shared.bus.delivery:Destination._advance", False),
    # a replay: after its mark, and when all was sent but is not noted
    "replay_after_mark": Point("shared.bus.delivery:Destination.send", False, lambda _, messages: _is_mark(messages)),
    "replay_before_note": Point("shared.bus.replay:_answer", False),
    # worker
    "worker_before_take": Point("shared.bus.inbox:Inbox.take", True),
    "worker_after_inbox": Point("shared.bus.inbox:enter", False, busy=True),
    "worker_before_commit": Point(COMMIT, True, _handles),
    "worker_after_commit": Point("shared.bus.inbox:Inbox.take", False),
    "worker_after_ack": Point("amqp:Channel.basic_ack", False),
}
WORKER_POINTS = tuple(
    name for name in POINTS if name.startswith(("relay_", "worker_"))
)  # reached by ordinary work, without a replay or a parked event
