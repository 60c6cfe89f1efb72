"""Run a process of the product with something broken on purpose: `python -m tests.faults.sabotage SPEC worker|web ARGS`.

SPEC is a comma-separated list of `kill@POINT#N` (kill -9 itself when it passes the point the N-th time) and of twins:
names of ways in which the code could have been written wrongly. Nothing of this is in the product.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def _wrap(owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    setattr(owner, name, make(getattr(owner, name)))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killer(passes: int, *, before: bool, counts: Callable[..., bool] = lambda *a, **k: True) -> Callable[..., Any]:
    seen = [0]

    def make(real: Callable[..., Any]) -> Callable[..., Any]:
        def replacement(*args: Any, **kwargs: Any) -> Any:
            hit = counts(*args, **kwargs)
            seen[0] += hit
            if before and hit and seen[0] == passes:
                _die()
            result = real(*args, **kwargs)
            if not before and hit and seen[0] == passes:
                _die()
            return result

        return replacement

    return make


def _points() -> dict[str, tuple[Any, str, bool, Callable[..., bool]]]:
    """Named points: (owner, function, before or after it, which calls count)."""
    import shared.bus.delivery as delivery
    from shared.bus.inbox import Inbox
    from shared.bus.relay import Relay
    from shared.database import UnitOfWork
    from shared.poke import Poker

    always = lambda *a, **k: True  # noqa: E731
    tells = lambda uow, *a, **k: uow.told > 0  # noqa: E731
    return {
        "web_before_commit": (UnitOfWork, "flush", False, tells),
        "web_after_commit": (Poker, "poke", True, always),
        "worker_before_take": (Inbox, "take", True, always),
        "worker_before_commit": (UnitOfWork, "flush", False, lambda uow, *a, **k: uow.cause is not None),
        "worker_after_commit": (Inbox, "take", False, always),
        "relay_before_seal_commit": (Relay, "_write_seals", False, always),
        "relay_after_seal": (Relay, "seal", False, lambda relay, *a, **k: bool(relay._heads)),
        "relay_after_publish": (delivery.Destination, "_advance", True, always),
        "relay_after_mark": (delivery, "execute_values", False, always),
    }


def _no_inbox() -> None:
    import shared.bus.inbox as inbox

    inbox.enter = lambda uow, events: list(events)


def _no_confirms() -> None:
    from shared.bus.broker import Outcome, Publisher

    def send(self: Any, messages: Any, *, timeout: float) -> list[Any]:
        try:
            for message in messages:
                self._publish(message)
        except Exception:  # noqa: S110 - the twin: what cannot be sent is believed sent
            pass
        return [Outcome.CONFIRMED for _ in messages]

    Publisher.send = send


def _mark_first() -> None:
    from shared.bus.broker import Outcome
    from shared.bus.delivery import _UNSENT, Destination, Sealed

    def deliver(self: Any, connection: Any) -> int:
        cursor = connection.cursor()
        cursor.execute(_UNSENT, (self.name,))
        rows = [Sealed(*row) for row in cursor.fetchall()]
        connection.commit()
        if rows:
            self._advance(connection, rows, iter([Outcome.CONFIRMED for row in rows if self._wanted(row)]))
            self.send([row.message() for row in rows if self._wanted(row)])
        return len(rows)

    Destination.deliver = deliver


def _ack_first() -> None:
    import amqp

    real = amqp.Channel.basic_consume
    amqp.Channel.basic_consume = lambda self, queue, *a, **k: real(self, queue, *a, **{**k, "no_ack": True})
    amqp.Channel.basic_ack = lambda self, *a, **k: None


def _high_water() -> None:
    import shared.bus.relay as relay

    class Remembering(str):
        __slots__ = ()

    top = [0]
    real = relay.Relay._write_seals

    def write(self: Any, cursor: Any, rows: Any) -> None:
        real(self, cursor, rows)
        top[0] = max(top[0], *(row[0] for row in rows))
        relay._UNSEALED = f"SELECT id, stream, draft FROM event_log WHERE sequence IS NULL AND id > {top[0]} ORDER BY id LIMIT %s"

    relay.Relay._write_seals = write


def _swallow_errors() -> None:
    from shared.bus.inbox import Inbox

    real = Inbox.take

    def take(self: Any, queue: str, messages: Any) -> None:
        for name, handler in list(self.hears.items()):
            if not getattr(handler, "swallowing", False):
                def swallowing(event: Any, uow: Any, handler: Any = handler) -> None:
                    try:
                        handler(event, uow)
                    except Exception:  # noqa: S110 - the twin: an error is acknowledged away
                        pass
                swallowing.swallowing = True  # type: ignore[attr-defined]
                self.hears = {**self.hears, name: swallowing}
        real(self, queue, messages)

    Inbox.take = take


def _drop_unreadable() -> None:
    import shared.bus.inbox as inbox

    inbox.park_unreadable = lambda *a, **k: None


def _no_crash_count() -> None:
    import shared.bus.inbox as inbox

    inbox.CRASHES = 10**9


def _no_replay() -> None:
    import shared.bus.consumer as consumer

    consumer.request_replay = lambda *a, **k: None


def _no_drain() -> None:
    import shared.bus.worker as worker

    worker.DRAIN = 10**6
    worker.ServiceRunner.stop = lambda self: __import__("eventlet").sleep(10**6)


TWINS: dict[str, Callable[[], None]] = {
    "no_inbox": _no_inbox, "no_confirms": _no_confirms, "mark_first": _mark_first, "ack_first": _ack_first,
    "high_water": _high_water, "swallow_errors": _swallow_errors, "drop_unreadable": _drop_unreadable,
    "no_crash_count": _no_crash_count, "no_replay": _no_replay, "no_drain": _no_drain,
}  # fmt: skip


def apply(spec: str) -> None:
    """Break this process as `spec` says. Raises KeyError for an unknown name."""
    for part in filter(None, spec.split(",")):
        if part.startswith("kill@"):
            point, _, passes = part.removeprefix("kill@").partition("#")
            owner, name, before, counts = _points()[point]
            _wrap(owner, name, _killer(int(passes or 1), before=before, counts=counts))
        else:
            TWINS[part]()


def main() -> None:
    """Break, then run."""
    spec, what, sys.argv = sys.argv[1], sys.argv[2], [sys.argv[0], *sys.argv[3:]]
    if what == "worker":
        import shared.bus.worker as worker  # patches the standard library first

        apply(spec)
        worker.main()
    else:
        from gunicorn.app.wsgiapp import run

        apply(spec)
        run()


if __name__ == "__main__":
    main()
