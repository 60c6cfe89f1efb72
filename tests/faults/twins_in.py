"""Twins of what comes in, the consumer: ways in which it could have been written wrongly.

A twin is put in place of the right code in one process. The test that runs it shows that the fault would be noticed.
"""

from __future__ import annotations

from typing import Any

from tests.faults import observe
from tests.faults.observe import Handler


def _no_inbox() -> None:
    """The inbox is written and not looked at."""
    from shared.bus import inbox

    real = inbox.enter

    def enter(uow: Any, events: Any) -> list[Any]:
        real(uow, events)
        return list(events)

    inbox.enter = enter


def _ack_first() -> None:
    """The broker takes a message as handled when it has sent it."""
    import amqp

    real = amqp.Channel.basic_consume
    amqp.Channel.basic_consume = lambda self, queue, *args, **named: real(self, queue, *args, **{**named, "no_ack": True})
    amqp.Channel.basic_ack = lambda self, *args, **named: None


def _swallow_errors() -> None:
    """An error in a handler is logged, and the message acknowledged."""

    def wrap(handler: Handler) -> Handler:
        def swallowing(event: Any, uow: Any) -> None:
            try:
                handler(event, uow)
            except RuntimeError:
                return

        return swallowing

    observe.OUTER.append(wrap)


def _drop_unreadable() -> None:
    """What cannot be read is thrown away."""
    from shared.bus import inbox

    inbox.park_unreadable = lambda *args, **named: None


def _trust_everybody() -> None:
    """Whoever is let into the broker is believed."""
    from shared.bus import inbox

    inbox.may_speak = lambda *args, **named: True


def _no_crash_count() -> None:
    """Tries are counted in the transaction that the crash takes along."""
    from shared.bus import inbox

    inbox.CRASHES = 10**9


def _no_lanes() -> None:
    """What comes after a failed event of its case does not wait for it."""
    from shared.bus import inbox

    real = inbox.Inbox._set_aside

    def set_aside(self: Any, uow: Any, todo: Any, culprits: Any, blocked: Any) -> list[Any]:
        real(self, uow, [pair for pair in todo if pair[0].id in culprits], culprits, blocked)
        return [event for event, _ in todo if event.id not in culprits]

    inbox.Inbox._set_aside = set_aside  # type: ignore[method-assign]


def _skip_to_next() -> None:
    """A worker that finds a lane's first parked event locked takes the next one (as the code here once did)."""
    from shared.bus import retrying

    retrying._FIRST = (
        "SELECT * FROM parked WHERE lane = %(lane)s AND dismissed_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
    )


def _no_replay() -> None:
    """A queue that is gone is made again, and that is all."""
    from shared.bus import consumer

    consumer.request_replay = lambda *args, **named: None


def _all_at_once() -> None:
    """Every worker reads the queue: it is faster."""
    from shared.bus import topology

    topology.QUEUE_ARGUMENTS.pop("x-single-active-consumer")


def _no_heartbeat() -> None:
    """A consumer that stands still is waited for."""
    from shared.bus import broker

    broker.HEARTBEAT = 0


def _die_at_once() -> None:
    """SIGTERM is left to the operating system."""
    import signal

    real = signal.signal
    signal.signal = lambda number, handler: None if number == signal.SIGTERM else real(number, handler)  # type: ignore[assignment]
    real(signal.SIGTERM, signal.SIG_DFL)


# -- links ------------------------------------------------------------------------------------------------------------
def _never_asks() -> None:
    """What is missing of a neighbour's is waited for: it will come."""
    from shared.bus import agreement

    agreement._ASK = "SELECT %(consumer)s, %(streams)s"


def _takes_any_number() -> None:
    """Numbers are not looked at: what comes takes effect."""
    from shared.bus import agreement

    agreement.Holding.take = lambda self, event: True  # type: ignore[method-assign]


def _hasty_link() -> None:
    """The link takes a message off the superior's queue before the own broker has it."""
    import amqp

    from shared.bus.link import LinkReader

    real = LinkReader._carry

    def carry(self: Any) -> None:
        consume = amqp.Channel.basic_consume
        amqp.Channel.basic_consume = lambda channel, queue, **named: consume(channel, queue, no_ack=True, **named)
        try:
            real(self)
        finally:
            amqp.Channel.basic_consume = consume

    LinkReader._carry = carry  # type: ignore[method-assign]


def _deaf_to_bars() -> None:
    """Who must not see a case is believed of the own intake alone."""
    from services.routing import handlers

    handlers.HEARS["case.bars_passed"] = lambda event, uow: None
