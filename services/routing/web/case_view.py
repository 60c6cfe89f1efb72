"""What the pages show of one case: its rounds, with the assignments and replies of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.routing import domain, store
from services.routing.domain import ADDRESSABLE, Directory
from services.routing.domain.accountability import ends_at
from services.routing.domain.keys import SOUND
from services.routing.handlers import signing
from services.routing.store import ASSIGNMENTS, REPLIES
from services.routing.web.common import RECUSAL, by_key, check_readable, reader, seen, seen_one
from services.routing.web.reply_form import lacks_of
from shared.database import UnitOfWork

Row = dict[str, Any]


def rounds_of(uow: UnitOfWork, case_id: UUID) -> list[Row]:
    """The rounds of a case: each instruction with its assignments, and these with their notes and replies.

    That an assignment was taken back from somebody because he is barred is left out for those who need not know.
    """
    rows = {
        name: uow.all(store.SQL[f"{name}_of_case"], case=case_id) for name in ("instructions", "assignments", "replies", "notes")
    }
    replies, notes = by_key(rows["replies"], "assignment_id"), by_key(rows["notes"], "assignment_id")
    _look_over(uow, case_id, rows["replies"], {row["id"]: row["instance"] for row in rows["assignments"]})
    knows = reader().may(*RECUSAL)
    for assignment in rows["assignments"]:
        if not knows:  # every one: were one left out alone, its blank would tell
            assignment["withdrawn_reason"] = None
        assignment["replies"] = replies.get(assignment["id"], [])
        assignment["objection_waits"] = ASSIGNMENTS.from_row(
            [assignment[column] for column in ASSIGNMENTS.codecs]
        ).objection_waits
        assignment["notes"] = notes.get(assignment["id"], [])
    handed = by_key(_parts_after_wholes(rows["assignments"]), "instruction_id")
    answered = {reply["id"]: reply for reply in rows["replies"]}
    files = by_key(uow.all(store.SQL["enclosures_of_case"], case=case_id), "instruction_id")
    for instruction in rows["instructions"]:
        instruction["files"] = files.get(instruction["id"], [])  # of a superior's instruction none: they lie with him
        instruction["assignments"] = handed.get(instruction["id"], [])
        instruction["answered"] = answered.get(instruction["answers"])
    return rows["instructions"]


def _look_over(uow: UnitOfWork, case_id: UUID, rows: list[Row], instances: dict[UUID, str]) -> None:
    """What each reply's signature is worth, and what one that waits for a decision may lack."""
    replies = [(REPLIES.from_row([row[column] for column in REPLIES.codecs]), instances[row["assignment_id"]]) for row in rows]
    found = signing.standings(uow, replies)
    waits = any(row["verdict"] is None for row in rows)
    brief = uow.all(store.SQL["brief_of_case"], case=case_id)[0]["brief"] if waits else ""
    for row in rows:
        row["standing"], row["genuine"] = found[row["id"]], found[row["id"]] in SOUND
        row["lacks"] = (
            lacks_of(row | {name: "\n".join(row[name]) for name in ("measures", "evidence")}, brief) if not row["verdict"] else []
        )


def _parts_after_wholes(assignments: list[Row]) -> list[Row]:
    parts = by_key(assignments, "parent")
    return [one for whole in parts.get(None, []) for one in (whole, *parts.get(whole["id"], []))]


def waiting_replies(rounds: list[Row]) -> list[Row]:
    """The replies of a case that wait for a decision, each with its assignment."""
    return [
        {"assignment": assignment, **assignment["replies"][-1]}
        for instruction in rounds
        for assignment in instruction["assignments"]
        if assignment["stage"] == "replied" and assignment["replies"] and assignment["parent"] is None
    ]


def case_seen(uow: UnitOfWork, case_id: UUID) -> Row:
    """A case with its deadlines, if the reader may see it. Raises NotFound, and Forbidden where it is confidential to him."""
    case = seen_one(uow, "case_seen", case=case_id)
    check_readable(case)
    case["deadlines"] = uow.all(store.SQL["deadlines_of_case"], case=case_id)
    below = store.directory(uow).organisations.get(case["referred_from"] or "")
    case["referred_name"] = below.name if below else case["referred_from"]
    owed = [
        one["due_at"]
        for one in case["deadlines"]
        if one["obligation"] not in ("objection", "follow_up", "review") and one["standing"] != "paused"
    ]
    case["due_at"] = owed[0] if owed else None
    return case


def accountability_of(uow: UnitOfWork, case_id: UUID) -> Row:
    """Who was held to account for a case, each record with what follows, and the proposals that nobody has decided yet."""
    records = uow.all(store.SQL["accountability_of_case"], case=case_id)
    following = by_key(uow.all(store.SQL["consequences_of_case"], case=case_id), "record_id")
    answered = {record["answers"] for record in records}
    for record in records:
        record["following"] = [one | {"due_at": ends_at(one["until"])} for one in following.get(record["id"], [])]
        record["proposal"] = next((one for one in records if one["id"] == record["answers"]), None)
    undecided = [one for one in records if one["kind"] == "proposal" and one["id"] not in answered]
    return {"accountability": records, "proposals": [(one["id"], f"{one['person']} {one['measure'][:30]}") for one in undecided]}


def linked_with(uow: UnitOfWork, case_id: UUID) -> Row:
    """What a case belongs together with, and the earlier ones that it repeats; the reader is barred from none of them."""
    links = seen(uow, "links_of_case", case=case_id)
    lead = next((row for row in links if row["relation"] == "merged_into"), None)
    return {"links": links, "earlier": seen(uow, "earlier_cases", case=case_id), "lead": lead}


def addressees(directory: Directory, bars: domain.Bars | None, author: str) -> list[Row]:
    """Whom a case may be handed to, grouped by organisation in the directory's order; barred ones are not there."""
    groups: dict[str, Row] = {}
    for official in directory.officials.values():
        person = official.in_post(ADDRESSABLE)
        barred = bars is not None and bars.bar(official.official, domain.posts_of(official.official, directory))
        if person is None or barred or not official.active or official.official == author:
            continue
        known = directory.organisations.get(person.organisation)
        name = (known.name, known.name_en) if known else (person.organisation, person.organisation)
        group = groups.setdefault(person.organisation, {"name": name[0], "name_en": name[1], "people": []})
        leads = any("leader" in post.roles for post in official.posts)
        elsewhere = directory.works_elsewhere(person.organisation)
        group["people"].append({**person.as_data(), "leads": leads, "elsewhere": elsewhere})
    # County leaders first: they are looked for most, and a case of weight goes to one of them.
    order = sorted(groups, key=lambda code: (not any(one["leads"] for one in groups[code]["people"]), code))
    return [groups[code] for code in order]
