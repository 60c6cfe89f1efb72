"""Run a process of the product with something broken on purpose: `python -m tests.faults.sabotage SPEC worker|web ARGS`.

SPEC is a comma-separated list; `-` breaks nothing. Nothing of this is in the product.

    kill@POINT#N     kill -9 itself when it passes a point (see tests.faults.points) for the N-th time
    stop@POINT#N     SIGSTOP itself there
    poison@SUBJECT   kill -9 itself while it handles an event about this case
    raise@SUBJECT#N  its handlers fail for this case, N times or always
    freeze@SUBJECT   SIGSTOP itself after its handler, before the commit
    slow@SECONDS     each handler takes so long
    quick            time limits short enough to be waited for
    NAME             a twin (see tests.faults.twins): the code as it could have been written wrongly
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

from tests.faults import observe
from tests.faults.observe import Handler


def die() -> None:
    """kill -9 to this process and what it forked, as a power cut would."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def freeze() -> None:
    """SIGSTOP to this process; it goes on with SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)


def _trap(point: str, act: Callable[[], None]) -> None:
    """Act when this process passes a point for the N-th time."""
    from tests.faults.points import POINTS

    name, _, number = point.partition("#")
    where = POINTS[name]
    owner, attribute = where.find()
    real = getattr(owner, attribute)
    left = [int(number or 1)]

    def passed() -> None:
        left[0] -= 1
        if left[0] == 0:
            act()

    def replacement(*args: Any, **kwargs: Any) -> Any:
        if where.before:
            if where.counts(*args):
                passed()
            return real(*args, **kwargs)
        result = real(*args, **kwargs)
        if where.counts(*args) and (result or not where.busy):
            passed()
        return result

    setattr(owner, attribute, replacement)


def _for_case(case: str, act: Callable[[], None]) -> None:
    subject, _, times = case.partition("#")
    left = [int(times or -1)]

    def wrap(handler: Handler) -> Handler:
        def acting(event: Any, uow: Any) -> None:
            if event.subject == subject and left[0] != 0:
                left[0] -= 1
                act()
            handler(event, uow)

        return acting

    observe.INNER.append(wrap)


def _freeze_after(subject: str) -> None:
    def wrap(handler: Handler) -> Handler:
        def acting(event: Any, uow: Any) -> None:
            handler(event, uow)
            if event.subject == subject:
                freeze()

        return acting

    observe.INNER.append(wrap)


def _fail() -> None:
    raise RuntimeError("a mistake in the handler")


def _slow(seconds: str) -> None:
    import eventlet

    def wrap(handler: Handler) -> Handler:
        def slowly(event: Any, uow: Any) -> None:
            eventlet.sleep(float(seconds))
            handler(event, uow)

        return slowly

    observe.INNER.append(wrap)


def _quick() -> None:
    """Time limits of the product, shortened: what takes half a minute must not take it in every test."""
    import shared.bus.agreement as agreement
    import shared.bus.delivery as delivery
    import shared.bus.peers as peers
    import shared.bus.relay as relay
    import shared.connection as connection

    agreement._ASK = agreement._ASK.replace(agreement.ASK_AGAIN, "2 seconds")
    peers.ROUND, peers._STREAMS = 0.3, peers._STREAMS.replace(peers.INSIST, "2 seconds")
    delivery.CONFIRM_TIMEOUT = 2.0
    delivery._UNSENT = delivery._UNSENT.replace(delivery.STALL_RETRY, "1 second")
    relay.LEASE = "5s"
    connection._SESSION = connection._SESSION.replace(
        "idle_in_transaction_session_timeout=30s", "idle_in_transaction_session_timeout=4s"
    )


def _watch() -> None:
    """Put the broken handlers, and the one who observes, around the product's own."""
    from shared.bus.inbox import Inbox

    real = Inbox.__init__

    def init(self: Any, database: Any, settings: Any, hears: Mapping[str, Handler], preload: Any, user: str) -> None:
        real(self, database, settings, {name: observe.wrapped(handler) for name, handler in hears.items()}, preload, user)

    Inbox.__init__ = init  # type: ignore[method-assign]


KINDS: dict[str, Callable[[str], None]] = {
    "kill": lambda point: _trap(point, die),
    "stop": lambda point: _trap(point, freeze),
    "poison": lambda subject: _for_case(subject, die),
    "raise": lambda subject: _for_case(subject, _fail),
    "freeze": _freeze_after,
    "slow": _slow,
}


def apply(spec: str) -> None:
    """Break this process as `spec` says. Raises KeyError for an unknown name."""
    from tests.faults.twins import TWINS

    for part in spec.split(","):
        kind, at, argument = part.partition("@")
        if at:
            KINDS[kind](argument)
        elif part == "quick":
            _quick()
        elif part != "-":
            TWINS[part]()


def main() -> None:
    """Break, then run."""
    spec, what, sys.argv = sys.argv[1], sys.argv[2], [sys.argv[0], *sys.argv[3:]]
    if what == "worker":
        import shared.bus.worker as worker  # patches the standard library first

        _watch()
        apply(spec)
        worker.main()
    else:
        from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]

        apply(spec)
        run()


if __name__ == "__main__":
    main()
