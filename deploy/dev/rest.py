"""Whether linked instances have come to rest: outboxes empty, queues empty, nothing due.

Asked from outside, of the databases' owner. Each look begins where the last rest was, so it costs what happened since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from deploy.dev.instance import Instance
from deploy.dev.waiting import until
from shared.bus.topology import bindings
from shared.contract import EVENTS

# The clock is asked once: in a condition it would be asked for each row.
_DUE = """
WITH clock AS MATERIALIZED (SELECT platform.now() AS now)
SELECT (SELECT count(*) FROM supervision.deadline
        WHERE stage IN ('pending', 'approaching') AND (due_at <= (SELECT now FROM clock) OR warn_at <= (SELECT now FROM clock))),
       (SELECT count(*) FROM supervision.score_occasion WHERE judged_at IS NULL)
       + (SELECT count(*) FROM supervision.charge WHERE ended_at IS NULL AND lapsed_at IS NULL AND duties_by <= (SELECT now FROM clock)),
       (SELECT count(*) FROM supervision.deadline d JOIN supervision.policy p ON p.id = d.policy WHERE d.stage = 'missed' AND NOT d.laddered)
       + (SELECT count(*) FROM supervision.ladder WHERE next_step = 'reminder' AND next_due <= (SELECT now FROM clock))
       + (SELECT count(*) FROM supervision.period WHERE ended_at IS NULL AND until <= (SELECT now FROM clock))
"""
_WHAT = ("deadlines to fire", "occasions to judge", "reminders and periods to tell")


class Rest:
    """Knows up to where everything had arrived when it last looked."""

    def __init__(self, instances: Sequence[Instance]) -> None:
        self._instances = {instance.org: instance for instance in instances}
        self._settled: dict[tuple[str, str], int] = {}

    def wait(self, timeout: float = 60) -> float:
        """Seconds until everything is at rest; TimeoutError says what is not."""
        try:
            return until(lambda: not next(self.unrest(), None), timeout=timeout, what="rest")
        except TimeoutError as late:
            raise TimeoutError(f"not at rest after {timeout:g} s: {[*self.unrest()][:5]}; {[*self._kept()][:5]}") from late

    def unrest(self) -> Iterator[str]:
        """What is still under way, in words; nothing when all is at rest."""
        heads, still = {}, True
        for instance in self._instances.values():
            for service in instance.services:
                head = heads[instance.org, service] = self._head(instance.org, service)
                for line in chain(self._outbox(instance, service), self._on_its_way(instance, service, head)):
                    still = False
                    yield line
        # What was taken in by now may wait there, or have made something due.
        for line in chain.from_iterable(chain(self._waiting(each), self.due(each)) for each in self._instances.values()):
            still = False
            yield line
        if still and (since := [key for key, head in heads.items() if self._head(*key) != head]):
            yield f"told while the others were looked at: {since}"
        elif still:
            self._settled |= heads

    def _head(self, org: str, service: str) -> int:
        return int(self._instances[org].query(f"SELECT coalesce(max(id), 0) FROM {service}.event_log")[0][0])

    def _kept(self) -> Iterator[str]:
        """What was set aside and what stands still, in words: why it is not at rest."""
        for instance in self._instances.values():
            for service in instance.services:
                for row in instance.query(f"SELECT reason, routing_key, error FROM {service}.parked WHERE dismissed_at IS NULL"):
                    yield f"{instance.org} {service} keeps {row}"
                for row in instance.query(
                    f"SELECT stream, destination, stalled_for FROM {service}.delivery WHERE stalled_for <> ''"
                ):
                    yield f"{instance.org} {service} stalls {row}"

    def _outbox(self, instance: Instance, service: str) -> Iterator[str]:
        if instance.query(f"SELECT EXISTS (SELECT FROM {service}.event_log WHERE sequence IS NULL)")[0][0]:
            yield f"{instance.org} {service}: unsealed events"
        for destination, stream in instance.query(
            f"SELECT destination, stream FROM {service}.delivery JOIN {service}.stream_head h USING (stream) WHERE delivery.sequence < h.sequence"
        ):
            yield f"{instance.org} {service}: {stream} has not left for {destination}"

    def _waiting(self, instance: Instance) -> Iterator[str]:
        for service in instance.services:
            waiting = instance.query(
                f"SELECT count(*) FROM {service}.parked WHERE dismissed_at IS NULL AND (reason = 'waiting' OR next_attempt_at IS NOT NULL)"
            )[0][0]
            if waiting:
                yield f"{instance.org} {service}: {waiting} parked events will be tried again"

    def _on_its_way(self, teller: Instance, service: str, head: int) -> Iterator[str]:
        since = self._settled.get((teller.org, service), 0)
        if head == since:
            return
        since = 0 if head < since else since  # the log of a restored instance is shorter than it was
        kinds = teller.query(f"SELECT DISTINCT name, addressee FROM {service}.event_log WHERE id > %s", since)
        for hearer in self._instances.values():
            for consumer in hearer.services:
                wanted = [kind for kind in kinds if self._reaches(teller, hearer, consumer, *kind)]
                if not wanted:
                    continue
                told = {row[0] for row in teller.query(
                    f"SELECT event_id FROM {service}.event_log WHERE id > %s AND (name, addressee) IN %s", since, tuple(wanted)
                )}  # fmt: skip
                taken = hearer.query(
                    f"SELECT event_id FROM {consumer}.inbox WHERE event_id = ANY(%s) UNION"
                    f" SELECT event_id FROM {consumer}.parked WHERE event_id = ANY(%s)", list(told), list(told),
                )  # fmt: skip
                if len(taken) < len(told):
                    yield f"{len(told) - len(taken)} events of {teller.org} {service} on their way to {hearer.org} {consumer}"

    def _reaches(self, teller: Instance, hearer: Instance, consumer: str, name: str, addressee: str) -> bool:
        keys = bindings(hearer.org, consumer)
        if f"{addressee}.{name}" not in keys and f"*.{name}" not in keys:
            return False
        if teller is hearer:
            return True
        upward = teller.superior is hearer and not EVENTS[name].local and (consumer == "reporting" or addressee == hearer.org)
        downward = hearer.superior is teller and addressee.startswith(hearer.org)
        return upward or downward

    def due(self, instance: Instance) -> Iterator[str]:
        """What the timers of supervision have not done yet, in words."""
        if "supervision" not in instance.services:
            return
        for count, what in zip(instance.query(_DUE)[0], _WHAT, strict=True):
            if count:
                yield f"{instance.org}: {count} {what}"
