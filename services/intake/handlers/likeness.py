"""Petitions that look like one matter or one person: their words are opened by the machine, compared in memory, and forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rapidfuzz import fuzz

from services.intake.domain.categories import SEPARATOR, Category
from services.intake.domain.likeness import Evidence, Guess, Likeness, Reason, grams, judge, phrases, plain, shared, weight
from services.intake.domain.petition import Petition
from services.intake.domain.viewing import Tie, Viewer, may_identify
from services.intake.handlers.casework import lock
from services.intake.handlers.registration import petitioner_from
from services.intake.store import SQL, sure
from services.intake.vault.crypto import Broken, Erased, Lacking, Vault
from services.intake.vault.shingles import Counts
from shared.database import UnitOfWork

COUNTS = UUID(int=0)  # what the counts are sealed for: they belong to no case
TELLING = 40  # labels of a petition
LABELS = 800  # that one look-up asks for
CANDIDATES = 20  # petitions that are opened and compared
_CONTACTS = {"phone_index": Reason.SAME_PHONE, "email_index": Reason.SAME_EMAIL, "id_number_index": Reason.SAME_ID}


@dataclass(frozen=True, kw_only=True, repr=False)
class Suggestion:
    """A petition that a clerk is asked about. `common`: telling phrases of the petition at hand that stand in this one, too."""

    case_id: UUID
    number: str
    stage: str
    channel: str
    title: str
    registered_at: Any
    likeness: Likeness
    common: tuple[str, ...]


def take_up(uow: UnitOfWork, vault: Vault, most: int = 100) -> int:
    """Take up the words of petitions that wait for it; how many there were. Safe by several at once: one of them works."""
    if not sure(uow, "lock_counts")["alone"]:
        return 0
    ids = [row["case_id"] for row in uow.all(SQL["claim_unshingled"], limit=most)]
    if not ids:
        return 0
    try:
        counts = _counts(uow, vault)
    except Lacking:  # somebody else has the key, and works
        return 0
    except Broken:  # they do not open any more: no label is found again
        take_up_all_again(uow)
        return len(ids)
    texts = _texts(uow, vault, ids)
    if not texts:
        return 0
    before = {row["case_id"] for row in uow.all(SQL["drop_labels"], ids=list(texts))}
    labels = []
    for case_id, text in texts.items():
        buckets = set(map(vault.shingler.bucket, grams(text)))
        if buckets and case_id not in before:
            counts.count(buckets)
        for bucket in counts.telling(buckets)[:TELLING]:
            labels += [(label, case_id) for label in vault.shingler.labels(bucket, [counts.give(bucket)])]
    uow.many("INSERT INTO shingle (label, case_id) VALUES %s ON CONFLICT DO NOTHING", labels)
    key = vault.new_key(COUNTS)
    uow.all(SQL["keep_counts"], id=COUNTS, data_key=key.wrapped, counts=key.seal("counts", counts.packed()))
    uow.all(SQL["taken_up"], ids=list(texts))
    return len(texts)


def _texts(uow: UnitOfWork, vault: Vault, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The words of those that open; of an erased one none. What this process cannot open waits on, behind the others."""
    texts, broken = {}, []
    for row in uow.all(SQL["sealed_words"], ids=ids):
        try:
            texts[row["case_id"]] = _plain(vault, row["case_id"], row)
        except Erased:
            texts[row["case_id"]] = ""
        except Broken:
            broken.append(row["case_id"])
    uow.all(SQL["put_back"], ids=broken)
    return texts


def take_up_all_again(uow: UnitOfWork) -> None:
    """Let every petition's words be taken up anew, as after the counts were lost."""
    uow.all(SQL["drop_every_label"])
    uow.all(SQL["wait_all_again"])


def suggest(uow: UnitOfWork, vault: Vault, case: Petition, viewer: Viewer, *, identifies: bool) -> list[Suggestion]:
    """What may be the same matter or person, the likeliest first, among what the viewer may see.

    That two petitions have one petitioner is said to those alone who may learn of both who wrote them.
    """
    own = sure(uow, "keys_of_person", case_id=case.id)
    text = _readable(vault, case.id, own) or ""
    counts = _known_counts(uow, vault)
    buckets = {gram: vault.shingler.bucket(gram) for gram in grams(text)}
    labels, weights = _asked(vault, counts, buckets.values())
    found = uow.all(
        SQL["candidates"], case_id=case.id, labels=labels, weights=weights, codes=list(viewer.codes), limit=CANDIDATES,
        official=viewer.person.official,
        **{name.removesuffix("_index"): own[name] if identifies else None for name in _CONTACTS},
    )  # fmt: skip
    this = _Compared(case, own, text, {gram: weight(counts.cases[at], counts.total) for gram, at in buckets.items()})
    made = [_suggestion(vault, counts, this, row, viewer, identifies=identifies) for row in found]
    order = {Guess.REPEAT: 0, Guess.JOINT: 0, Guess.PERSON: 1}
    shown = [each for each in made if each]
    return sorted(shown, key=lambda each: (order[each.likeness.guess], -each.likeness.percent, each.number))


def unlike(uow: UnitOfWork, case_id: UUID, other_id: UUID, viewer: Viewer) -> None:
    """The viewer looked at both: they are different matters, and nobody is asked again. Raises Hidden."""
    _note(uow, "note_unlike", case_id, other_id, viewer)


def undo_unlike(uow: UnitOfWork, case_id: UUID, other_id: UUID, viewer: Viewer) -> None:
    """Take that back: they may be suggested again. What nobody had said is left as it is. Raises Hidden."""
    _note(uow, "undo_unlike", case_id, other_id, viewer)


def unlikes_of(uow: UnitOfWork, case_id: UUID, viewer: Viewer) -> list[dict[str, Any]]:
    """What was found to be something else than this petition, as far as the viewer may see it."""
    return uow.all(SQL["unlikes_of_case"], case_id=case_id, codes=list(viewer.codes))


def _note(uow: UnitOfWork, statement: str, case_id: UUID, other_id: UUID, viewer: Viewer) -> None:
    for each in sorted((case_id, other_id)):
        lock(uow, each, viewer)
    by = json.dumps(viewer.person.as_data(), ensure_ascii=False)
    uow.all(SQL[statement], case_id=case_id, other_id=other_id, now=uow.now, by=by)


@dataclass(frozen=True, repr=False)
class _Compared:
    """The petition at hand, opened."""

    case: Petition
    own: Mapping[str, Any]
    text: str
    weights: Mapping[str, float]


def _readable(vault: Vault, case_id: UUID, row: Mapping[str, Any], identity: str = "identity") -> str | None:
    """The same, or None when they do not open."""
    try:
        return _plain(vault, case_id, row, identity)
    except (Broken, Erased):
        return None


def _plain(vault: Vault, case_id: UUID, row: Mapping[str, Any], identity: str = "identity") -> str:
    """The words of a petition without those that tell who wrote it. Raises Broken, Erased."""
    key = vault.open_key(case_id, bytes(row["data_key"]))
    words, who = key.open_json("text", bytes(row["words"])), petitioner_from(key.open_json("identity", bytes(row[identity])))
    return plain(f"{words['title']}\n{words['place_detail']}\n{words['text']}", who.secrets)


def _counts(uow: UnitOfWork, vault: Vault) -> Counts:
    """The counts. Raises Lacking when this process has no key for them, Broken when they do not open any more."""
    row = uow.one(SQL["counts_of_shingles"])
    if row is None:
        return Counts()
    return Counts(vault.open_key(COUNTS, bytes(row["data_key"])).open("counts", bytes(row["counts"])))


def _known_counts(uow: UnitOfWork, vault: Vault) -> Counts:
    """The counts, for looking something up; opened anew only after somebody counted. Not to be changed."""
    row, kept = uow.one(SQL["key_of_counts"]), vault.shingler.kept
    if row is None:
        return Counts()
    if kept is None or kept[0] != bytes(row["data_key"]):
        try:
            kept = vault.shingler.kept = (bytes(row["data_key"]), _counts(uow, vault))
        except Broken:
            return Counts()
    return kept[1]


def _asked(vault: Vault, counts: Counts, buckets: Iterable[int]) -> tuple[list[int], list[float]]:
    """The labels of the most telling buckets, and what each weighs; of the last bucket those that were given last."""
    labels: list[int] = []
    weights: list[float] = []
    for bucket in counts.telling(buckets):
        if len(labels) == LABELS:
            break
        found = vault.shingler.labels(bucket, counts.latest(bucket, LABELS - len(labels)))
        labels += found
        weights += [weight(counts.cases[bucket], counts.total)] * len(found)
    return labels, weights


def _suggestion(
    vault: Vault, counts: Counts, this: _Compared, row: dict[str, Any], viewer: Viewer, *, identifies: bool
) -> Suggestion | None:
    text = _readable(vault, row["id"], row, "sealed_identity")
    if text is None:
        return None
    weights = {gram: weight(counts.cases[vault.shingler.bucket(gram)], counts.total) for gram in grams(text)}
    tie = Tie(granted=row["granted"], handled=row["handled"])
    knows = identifies and may_identify(viewer, row["identity"], frozenset(), tie)
    likeness = judge(_evidence(this, row, shared(this.weights, weights), fuzz.token_set_ratio(this.text, text) / 100, knows))
    if likeness is None:
        return None
    common = phrases(this.text, text, this.weights) if Reason.SAME_WORDS in likeness.reasons else ()
    told = {name: row[name] for name in ("number", "stage", "channel", "title", "registered_at")}
    return Suggestion(case_id=row["id"], likeness=likeness, common=common, **told)


def _evidence(this: _Compared, row: Mapping[str, Any], alike: float, fuzzy: float, knows: bool) -> Evidence:
    pairs = {reason: (this.own[name], row[name]) for name, reason in _CONTACTS.items() if this.own[name] and row[name]}
    same = frozenset(reason for reason, (ours, theirs) in pairs.items() if bytes(ours) == bytes(theirs))
    places, categories = (this.case.place, row["place"]), (_top(this.case.category), _top(row["category"]))
    return Evidence(
        alike=alike, fuzzy=fuzzy, person=same if knows else frozenset(), other_person=knows and bool(pairs) and not same,
        same_place=all(places) and len(set(places)) == 1, other_place=all(places) and len(set(places)) == 2,
        same_category=all(categories) and len(set(categories)) == 1, other_category=all(categories) and len(set(categories)) == 2,
        same_complained=row["complained"],
    )  # fmt: skip


def _top(category: Category) -> str:
    """The upper level: two clerks need not sort alike below it."""
    return category.partition(SEPARATOR)[0]
