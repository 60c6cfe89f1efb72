"""Keyed bigrams: what finds petitions with the same words again without a word of them in the database.

A petition's bigrams fall into buckets by a keyed hash. The n-th petition of a bucket gets the label hash(bucket, n), under a
key, too: so each label is written once, and two petitions with the same words share nothing that can be seen. Only whoever
has the master key and the counts, which are sealed, can say which labels a bucket has. `docs/decisions/0005-likeness.md`.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

BUCKETS = 2**17
REMEMBERED = 2**15  # bigrams whose bucket a process need not work out again
_COUNT = "I"
_SIZE = array(_COUNT).itemsize


class Shingler:
    """Buckets and labels under a key of this instance."""

    def __init__(self, key: bytes) -> None:
        self.bucket = lru_cache(REMEMBERED)(self._bucket_of)
        self.kept: tuple[bytes, Counts] | None = None  # the counts as they were last opened, and what they were sealed under
        self._bucket, self._label = (blake2b(key=key, digest_size=8, person=name) for name in (b"bucket", b"label"))

    def _bucket_of(self, gram: str) -> int:
        """Where a bigram is counted; a few others of the language fall there too."""
        return int.from_bytes(_mac(self._bucket, gram.encode())) % BUCKETS

    def labels(self, bucket: int, numbers: Iterable[int]) -> list[int]:
        """The labels of these numbers of a bucket, as PostgreSQL's bigint."""
        head = bucket.to_bytes(4)
        return [int.from_bytes(_mac(self._label, head + number.to_bytes(4)), signed=True) for number in numbers]


def _mac(keyed: Any, content: bytes) -> bytes:
    state = keyed.copy()
    state.update(content)
    digest: bytes = state.digest()
    return digest


class Counts:
    """In how many petitions each bucket occurs, and how many labels of it were given."""

    def __init__(self, packed: bytes = b"") -> None:
        """Counts that start from nothing, or go on from `packed`."""
        found = array(_COUNT, zlib.decompress(packed) if packed else bytes((1 + 2 * BUCKETS) * _SIZE))
        self.total, self.cases, self.given = found[0], found[1 : BUCKETS + 1], found[BUCKETS + 1 :]

    def packed(self) -> bytes:
        """As bytes, for sealing."""
        return zlib.compress((array(_COUNT, [self.total]) + self.cases + self.given).tobytes(), 1)

    def telling(self, buckets: Iterable[int]) -> list[int]:
        """Buckets, the rarest first: what a petition is about, before what every petition says."""
        return sorted(set(buckets), key=lambda bucket: (self.cases[bucket], bucket))

    def count(self, buckets: Iterable[int]) -> None:
        """One more petition, with these buckets."""
        self.total += 1
        for bucket in set(buckets):
            self.cases[bucket] += 1

    def give(self, bucket: int) -> int:
        """The number of a new label of a bucket."""
        number = self.given[bucket]
        self.given[bucket] = number + 1
        return number

    def latest(self, bucket: int, most: int) -> range:
        """The numbers of the labels that were given last."""
        return range(max(0, self.given[bucket] - most), self.given[bucket])
