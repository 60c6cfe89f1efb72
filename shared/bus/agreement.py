"""What a consumer holds of other instances' streams, taken in without gap, so that it knows each chain's head.

A stream that is heard whole is taken number after number. What lies behind a gap is set aside and comes again in its order
behind what is missing, which is asked for. The source states the head of its chain; where ours is another, the two differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.bus.parked import text_of
from shared.bus.topology import LINKED
from shared.contract import Event
from shared.database import UnitOfWork
from shared.errors import Unreadable

Speaks = Callable[[str], None]  # raises Unreadable when the sender may not speak for this source
SYNC = "application/vnd.zhida.sync+json"
GIVEN = "application/vnd.zhida.given+json"  # an event that its own source lost, as its peer kept it
ASK_AGAIN = "10 seconds"
_LOAD = "SELECT * FROM platform.held WHERE consumer = %(consumer)s AND stream = ANY(%(streams)s) ORDER BY stream FOR UPDATE"
_HELD = """
INSERT INTO platform.held AS h (consumer, stream, sequence, chain, known, missing_since, compared, compared_at, agrees) VALUES %s
ON CONFLICT (consumer, stream) DO UPDATE SET sequence = excluded.sequence, chain = excluded.chain, known = excluded.known,
    missing_since = CASE WHEN excluded.missing_since IS NOT NULL THEN coalesce(h.missing_since, excluded.missing_since) END,
    compared = coalesce(excluded.compared, h.compared), compared_at = coalesce(excluded.compared_at, h.compared_at),
    agrees = coalesce(excluded.agrees, h.agrees), said = CASE WHEN excluded.compared IS NULL THEN h.said END
"""
_ASK = f"""
WITH due AS (
    UPDATE platform.held SET wanted_at = now() WHERE consumer = %(consumer)s AND stream = ANY(%(streams)s) AND known > sequence
    AND (wanted_at IS NULL OR wanted_at < now() - interval '{ASK_AGAIN}') RETURNING stream, sequence
)
INSERT INTO platform.want AS w SELECT stream, sequence FROM due ON CONFLICT (stream) DO UPDATE SET after = least(w.after, excluded.after)
"""
_KEEP = """
INSERT INTO platform.kept (consumer, stream, sequence, event_id, name, subject, digest, chain, body) VALUES %s
ON CONFLICT (consumer, stream, sequence) DO UPDATE SET event_id = excluded.event_id, name = excluded.name,
    subject = excluded.subject, digest = excluded.digest, chain = excluded.chain, body = excluded.body
"""
_KEPT = "SELECT * FROM platform.kept WHERE consumer = %(consumer)s AND stream = %(stream)s AND sequence = ANY(%(numbers)s)"
_DIFFERS = "INSERT INTO platform.difference (consumer, stream, sequence, subject, what, ours, theirs, body) VALUES %s ON CONFLICT DO NOTHING"
_ONLY_HERE = """
INSERT INTO platform.difference (consumer, stream, sequence, subject, what, ours, body)
SELECT consumer, stream, sequence, subject, 'only_here', event_id, body FROM platform.kept
WHERE consumer = %(consumer)s AND stream = %(stream)s AND sequence > %(head)s ON CONFLICT DO NOTHING
"""
_LOST = """
INSERT INTO platform.want AS w SELECT stream, CASE WHEN %(everything)s THEN 0 ELSE sequence END FROM taken
WHERE NOT starts_with(stream, %(own)s) AND stream NOT LIKE '%% local %%'
ON CONFLICT (stream) DO UPDATE SET after = least(w.after, excluded.after)
"""
_HEARD = """
INSERT INTO platform.peer AS p VALUES (%(org)s, %(epoch)s, platform.now())
ON CONFLICT (org) DO UPDATE SET epoch = greatest(p.epoch, excluded.epoch), heard_at = excluded.heard_at,
    restored_at = CASE WHEN excluded.epoch > p.epoch THEN excluded.heard_at ELSE p.restored_at END
"""
_REACH = """
INSERT INTO platform.reach AS r (peer, consumer, stream, sequence, chain, at) VALUES %s
ON CONFLICT (peer, consumer, stream) DO UPDATE SET sequence = excluded.sequence, chain = excluded.chain, at = excluded.at,
    agrees = CASE WHEN (r.sequence, r.chain) = (excluded.sequence, excluded.chain) THEN r.agrees END
"""
_RESEND = """
INSERT INTO platform.resend AS r (peer, stream, back, after) VALUES %s
ON CONFLICT (peer, stream, back) DO UPDATE SET after = least(r.after, excluded.after)
"""


def link_hash(previous: bytes, body: bytes) -> bytes:
    """The chain's next link: SHA-256(previous link, body)."""
    return hashlib.sha256(previous + body).digest()


def ask_for_lost(uow: UnitOfWork, *, everything: bool) -> None:
    """This service's queue or binding was gone: ask the neighbours too for what lies after what it has taken, or all."""
    uow.all(_LOST, own=f"/{uow.org}/", everything=everything)


def count_anew(uow: UnitOfWork, streams: Iterable[tuple[str, str]]) -> None:
    """Ask the sources of these (consumer, stream) for everything, and compare it with what was kept.

    What is missing here takes effect, what was another is named (platform.difference), and the digests agree afterwards.
    """
    for consumer, stream in streams:
        uow.all(
            "UPDATE platform.held SET recount = greatest(recount, sequence), sequence = 0, chain = '', known = greatest(known, sequence),"
            " agrees = NULL, wanted_at = now() WHERE consumer = %(consumer)s AND stream = %(stream)s",
            consumer=consumer, stream=stream,
        )  # fmt: skip
        uow.all("INSERT INTO platform.want VALUES (%(stream)s, 0) ON CONFLICT (stream) DO UPDATE SET after = 0", stream=stream)


@dataclass(slots=True)
class Stand:
    """How far one stream is held."""

    sequence: int = 0
    chain: bytes = b""
    known: int = 0
    recount: int = 0
    compared: int | None = None
    agrees: bool | None = None


class Holding:
    """One consumer's hold on others' streams, within one transaction: `take` events in their order, then `write`."""

    def __init__(self, uow: UnitOfWork, consumer: str, events: Iterable[Event], *, spread: bool = False) -> None:
        self._uow, self._consumer, self._spread = uow, consumer, spread
        self._stands: dict[str, Stand] = {}
        self._fresh: dict[tuple[str, int], tuple[Any, ...]] = {}
        self._again: list[Event] = []
        self._load(sorted({event.stream for event in events if self.whole(event.stream)}))

    def whole(self, stream: str) -> bool:
        """Whether this consumer hears all of a stream of another instance: routing of those to us, reporting of all others."""
        source, *local, addressee = stream.split(" ")
        if local or self._spread or source.split("/")[1] == self._uow.org:
            return False
        return self._consumer == (LINKED if addressee == self._uow.org else "reporting")

    def take(self, event: Event) -> bool:
        """Whether the event's turn has come, or had come before; else it is set aside, and comes again."""
        if not self.whole(event.stream):
            return True
        stand = self._stand(event.stream)
        stand.known = max(stand.known, event.sequence)
        if event.sequence > stand.sequence + 1:
            return False
        if event.sequence <= stand.sequence or event.sequence <= stand.recount:
            self._again.append(event)
        if event.sequence == stand.sequence + 1:
            self._advance(stand, event)
        return True

    def _advance(self, stand: Stand, event: Event) -> None:
        stand.sequence, stand.chain = event.sequence, link_hash(stand.chain, event.body)
        self._fresh[event.stream, event.sequence] = (
            self._consumer, event.stream, event.sequence, event.id, event.contract.name, event.subject, hashlib.sha256(event.body).digest(),
            stand.chain, event.body if self._consumer == LINKED else None,
        )  # fmt: skip

    def pass_over(self, body: bytes, key: str, speaks: Speaks) -> None:
        """A message that nobody here can read, and that was parked: if it says whose turn it was, the stream goes on behind it."""
        try:
            raw = json.loads(body)
            source, number, stream = str(raw["source"]), int(raw["sequence"]), f"{raw['source']} {key.split('.', 1)[0]}"
            named = (UUID(raw["id"]), text_of(str(raw["type"])), text_of(str(raw["subject"])))
            speaks(source)
            if not self.whole(stream):
                return
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, Unreadable):
            return
        stand = self._stand(stream)
        stand.known = max(stand.known, number)
        if number == stand.sequence + 1:
            stand.sequence, stand.chain = number, link_hash(stand.chain, body)
            digest = hashlib.sha256(body).digest()
            self._fresh[stream, number] = (self._consumer, stream, number, *named, digest, stand.chain, body)

    def hear(self, body: bytes, speaks: Speaks) -> None:
        """What a neighbour says of its streams and ours. `speaks(source)` raises Unreadable when the sender may not say it."""
        said = read(body)
        speaks(said["source"])
        org = said["source"].split("/")[1]
        if org == self._uow.org:
            return  # our own word on its way to a subordinate
        self._uow.all(_HEARD, org=org, epoch=said["epoch"])
        for stream, sequence, chain in said["heads"]:
            if stream.startswith(f"{said['source']} ") and self.whole(stream):
                self._compare(stream, sequence, chain)
        if self._consumer == LINKED:
            own = f"/{self._uow.org}/"
            holds = [
                (org, by, stream, number, chain, self._uow.now)
                for by, stream, number, chain in said["holds"]
                if stream.startswith(own)
            ]
            self._uow.many(_REACH, list({row[:3]: row for row in holds}.values()))
            wants = {
                (org, stream, back): after for stream, back, after in said["wants"] if stream.startswith(f"/{org}/" if back else own)
            }  # fmt: skip
            self._uow.many(_RESEND, [(*key, after) for key, after in wants.items()])

    def _compare(self, stream: str, head: int, chain: bytes) -> None:
        """The source's head against ours, and an answer to it. Ours may be behind: then something was lost on the way."""
        stand = self._stand(stream)
        stand.known = max(stand.known, head)
        if head > stand.sequence:
            return
        ours = stand.chain if head == stand.sequence else self._chain_at(stream, head)
        stand.compared, stand.agrees = head, ours == chain
        if head == stand.sequence:
            stand.known = head  # the source's latest word
            if head < stand.recount:
                self._uow.all(_ONLY_HERE, consumer=self._consumer, stream=stream, head=head)

    def _chain_at(self, stream: str, number: int) -> bytes | None:
        if (fresh := self._fresh.get((stream, number))) is not None:
            return bytes(fresh[7])
        rows = self._uow.all(_KEPT, consumer=self._consumer, stream=stream, numbers=[number])
        return bytes(rows[0]["chain"]) if rows else None

    def write(self) -> None:
        """Write down what was taken, name what differs, and ask for what is missing."""
        self._name_differences()
        self._uow.later(_KEEP, list(self._fresh.values()))
        now = self._uow.now
        rows = [
            (self._consumer, stream, s.sequence, s.chain, s.known, now if s.known > s.sequence else None,
             s.compared, now if s.agrees is not None else None, s.agrees)
            for stream, s in sorted(self._stands.items())
        ]  # fmt: skip
        behind = [stream for stream, s in self._stands.items() if s.known > s.sequence]
        if behind:
            self._uow.many(_HELD, rows)
            self._uow.all(_ASK, consumer=self._consumer, streams=behind)
        else:
            self._uow.later(_HELD, rows)

    def _name_differences(self) -> None:
        numbers: dict[str, list[int]] = {}
        for event in self._again:
            numbers.setdefault(event.stream, []).append(event.sequence)
        kept = {
            (stream, row["sequence"]): row for stream, of in numbers.items()
            for row in self._uow.all(_KEPT, consumer=self._consumer, stream=stream, numbers=of)
        }  # fmt: skip
        found = []
        for event in self._again:
            ours = kept.get((event.stream, event.sequence))
            if ours is None or bytes(ours["digest"]) == hashlib.sha256(event.body).digest():
                continue
            what = "altered" if ours["event_id"] == event.id else "another"
            found.append(
                (self._consumer, event.stream, event.sequence, ours["subject"], what, ours["event_id"], event.id, ours["body"])
            )
        self._uow.many(_DIFFERS, found)

    def _stand(self, stream: str) -> Stand:
        if stream not in self._stands:
            self._load([stream])
        return self._stands[stream]

    def _load(self, streams: list[str]) -> None:
        if not streams:
            return
        self._stands |= {stream: Stand() for stream in streams}
        for row in self._uow.all(_LOAD, consumer=self._consumer, streams=streams):
            self._stands[row["stream"]] = Stand(row["sequence"], bytes(row["chain"]), row["known"], row["recount"])


def spoken(source: str, epoch: int, *, heads: Sequence[tuple[str, int, bytes]] = (), holds: Sequence[tuple[str, str, int, bytes]] = (),
           wants: Sequence[tuple[str, bool, int]] = ()) -> bytes:  # fmt: skip
    """What one instance says to its neighbour: heads of its streams, what it holds of the other's, what it wants again."""
    said: dict[str, Any] = {
        "source": source, "epoch": epoch, "heads": [(*row[:-1], row[-1].hex()) for row in heads], "holds": [(*row[:-1],
        row[-1].hex()) for row in holds],
        "wants": list(wants),
    }  # fmt: skip
    return json.dumps(said).encode()


def read(body: bytes) -> Mapping[str, Any]:
    """The same, read. Raises Unreadable."""
    try:
        raw = json.loads(body)
        source, epoch = str(raw["source"]), int(raw["epoch"])
        if source.count("/") != 2 or not source.startswith("/"):
            raise ValueError(f"source {source!r}")
        heads = [(str(stream), int(number), bytes.fromhex(chain)) for stream, number, chain in raw["heads"]]
        holds = [(str(by), str(stream), int(number), bytes.fromhex(chain)) for by, stream, number, chain in raw["holds"]]
        wants = [(str(stream), bool(back), int(after)) for stream, back, after in raw["wants"]]
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError, OverflowError) as fault:
        raise Unreadable(f"not what a neighbour says: {fault!r}") from fault
    return {"source": source, "epoch": epoch, "heads": heads, "holds": holds, "wants": wants}
