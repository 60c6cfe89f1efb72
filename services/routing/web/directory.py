"""The directory as a tree, and the page of one unit or official: who holds what from when to when, and who changed it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from marshmallow import Schema, fields

from services.routing import store
from services.routing.domain.roster import GROUP_OFFICE, LEADING_GROUP, UNIT, Roster
from services.routing.domain.terms import Standing, Term
from services.routing.handlers import appointments, identities, roster, second_factor
from services.routing.web.accounts import EVERYBODY
from services.routing.web.common import blueprint, fresh, reader, seen, site
from shared.database import UnitOfWork
from shared.errors import NotFound
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu

EDITORS = (Role.ADMINISTRATOR, Role.OFFICE)
HISTORIANS = (*EDITORS, Role.AUDITOR, Role.FIRST_IN_COMMAND)
PAGE = 50  # changes on a page of the history
OPEN = (Standing.PRESENT, Standing.COMING)


class After(Schema):
    """Where in the history a page begins."""

    at = fields.AwareDateTime(load_default=None)
    id = fields.UUID(load_default=None)


@blueprint.get("/routing/directory")
@allow(*EVERYBODY)
def directory() -> ResponseReturnValue:
    """The whole directory of this instance."""
    with unit_of_work("routing") as uow:
        known, day = roster.read(uow), roster.today(uow)
        waiting = announcements(uow, known, day) if reader().may(*EDITORS) else []
    gone = [unit for unit in known.units.values() if unit.dissolved_on]
    roots = [code for code, unit in known.units.items() if unit.superior not in known.units and not unit.dissolved_on]
    group = [_unit(known, u.code, day) for kind in (LEADING_GROUP, GROUP_OFFICE) for u in known.units.values() if u.kind == kind]
    return render_template(
        "routing/directory.html", tree=[_branch(known, code, day) for code in roots], own=known.own, group=group, gone=gone,
        left=_left(known, day), waiting=len(waiting), editing=reader().may(*EDITORS), historian=reader().may(*HISTORIANS),
    )  # fmt: skip


def _branch(known: Roster, code: str, day: date) -> dict[str, Any]:
    """A unit with what lies under it; the leading group stands by itself, above the tree."""
    below = [_branch(known, unit.code, day) for unit in known.below(code) if unit.kind == UNIT]
    return _unit(known, code, day) | {"below": below}


def _unit(known: Roster, code: str, day: date) -> dict[str, Any]:
    people = [_row(known, term, day) for term in known.terms_in(code) if term.on(day) in OPEN]
    return {"organisation": known.units[code], "people": people}


def _row(known: Roster, term: Term, day: date) -> dict[str, Any]:
    unit = known.units.get(term.organisation)
    return {
        **{name: getattr(term, name) for name in ("id", "official", "organisation", "title", "from_on", "until_on")},
        "name": known.names.get(term.official, term.official), "roles": sorted(term.roles), "standing": term.on(day).value,
        "unit": unit.name if unit else term.organisation, "unit_en": unit.name_en if unit else term.organisation,
    }  # fmt: skip


def _left(known: Roster, day: date) -> list[dict[str, Any]]:
    """Who holds nothing and is not to hold anything, by what was held last."""
    found = []
    for official, name in known.names.items():
        terms = known.terms_of(official)
        if terms and not any(term.on(day) in OPEN for term in terms):
            last = max(terms, key=lambda term: term.until_on or date.min)
            found.append(_row(known, last, day) | {"name": name})
    return sorted(found, key=lambda row: row["until_on"] or date.min, reverse=True)


@blueprint.get("/routing/directory/organisations/<code>")
@allow(*EVERYBODY)
def organisation(code: str) -> ResponseReturnValue:
    """One unit: its posts with those who held, hold and will hold them, what lies under it, and its history."""
    with unit_of_work("routing") as uow:
        known, day = roster.read(uow), roster.today(uow)
        unit = known.unit(code)
        in_hand = seen(uow, "in_hand_seen", code=code)[0]
        changes = history(uow, known, code) if reader().may(*HISTORIANS) else []
    terms = [_row(known, term, day) for term in known.terms_in(code)]
    return render_template(
        "routing/organisation.html", unit=unit, terms=_ordered(terms), below=known.below(code), own=known.own, changes=changes,
        superior=known.units.get(unit.superior or ""), in_hand=in_hand["n"] if in_hand else 0, editing=reader().may(*EDITORS),
        historian=reader().may(*HISTORIANS),
    )  # fmt: skip


@blueprint.get("/routing/directory/officials/<official>")
@allow(*EVERYBODY)
def official(official: str) -> ResponseReturnValue:
    """One official: posts held, holding and to come, and the history. Of his account only whether it is there, to administrators."""
    with unit_of_work("routing") as uow:
        known, day = roster.read(uow), roster.today(uow)
        if official not in known.names:
            raise NotFound("official", "通讯录中没有该人员。", "请核对人员代码。")
        in_hand = seen(uow, "in_hand_seen", code=official)[0] if reader().may(*HISTORIANS) else None
        changes = history(uow, known, official) if reader().may(*HISTORIANS) else []
        factor, _ = second_factor.standing(uow, official)
        oidc = site().oidc
        identity = identities.identity_of(uow, oidc.issuer, official) if oidc else None
    terms = [_row(known, term, day) for term in known.terms_of(official)]
    mine = official == reader().official_id
    manages = reader().may(Role.ADMINISTRATOR) and not mine
    return render_template(
        "routing/official.html", official=official, name=known.names[official], terms=_ordered(terms), changes=changes,
        in_hand=in_hand["n"] if in_hand else 0, editing=reader().may(*EDITORS) and not mine, mine=mine,
        historian=reader().may(*HISTORIANS), manages=manages, factor=factor, key=fresh(), identity=identity, identity_key=fresh(),
        held=any(term["standing"] in OPEN for term in terms),
    )  # fmt: skip


def _ordered(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Present first, then to come, then past ones, the latest first."""
    order = {standing.value: number for number, standing in enumerate(Standing)}
    latest = sorted(terms, key=lambda term: term["until_on"] or date.max, reverse=True)
    return sorted(latest, key=lambda term: order[term["standing"]])


@blueprint.get("/routing/directory/changes")
@allow(*HISTORIANS)
def directory_changes() -> ResponseReturnValue:
    """The history of the whole directory, the latest first."""
    after = parse(After(), request.args)
    with unit_of_work("routing") as uow:
        known = roster.read(uow)
        rows = uow.all(store.SQL["changes_listed"], **after, limit=PAGE + 1)
    changes = [_change(known, row) for row in rows[:PAGE]]
    return render_template("routing/directory_changes.html", changes=changes, more=rows[PAGE - 1] if len(rows) > PAGE else None)


def history(uow: UnitOfWork, known: Roster, subject: str) -> list[dict[str, Any]]:
    """What was changed of one unit or official."""
    return [_change(known, row) for row in uow.all(store.SQL["changes_of"], subject=subject, limit=PAGE)]


def _change(known: Roster, row: dict[str, Any]) -> dict[str, Any]:
    """A change with the names of what it names, and only what differs of it."""
    unit = known.units.get(row["subject"])
    name = unit.name if unit and row["subject_kind"] == "organisation" else known.names.get(row["subject"], row["subject"])
    return row | {"name": name, **differs(known, row["before"], row["after"])}


def _said(known: Roster, field: str, told: Any) -> Any:
    """A unit by its name."""
    return known.units[told].name if field == "superior" and told in known.units else told


def differs(known: Roster, before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    """`fields`: (field, before, after) that differ; `terms`: (before, after) of each term that was changed; `posts` in force then.

    Of what is new only what says something is shown.
    """
    was, quiet = before or {}, ("terms", "posts", *(() if before else ("code", "name_en")))
    plain = [
        (name, _said(known, name, was.get(name)), _said(known, name, now))
        for name, now in after.items()
        if name not in quiet and was.get(name) != now
    ]
    old = {term["id"]: term for term in was.get("terms", [])}
    terms = [(old.get(term["id"]), _of_unit(known, term)) for term in after.get("terms", [])]
    return {
        "fields": [each for each in plain if before or each[2] not in (False, None, UNIT)], "terms": terms,
        "posts": [_of_unit(known, post) for post in after["posts"]] if "posts" in after else None,
    }  # fmt: skip


def _of_unit(known: Roster, post: dict[str, Any]) -> dict[str, Any]:
    unit = known.units.get(post["organisation"])
    return post | {"unit": unit.name if unit else post["organisation"]}


def announcements(uow: UnitOfWork, known: Roster, day: date) -> list[dict[str, Any]]:
    """What other instances told and differs from what stands here."""
    found = []
    for row in uow.all(store.SQL["announcements_open"]):
        wanted = appointments.proposal(known, row, day) if row["code"] in known.units else None
        if wanted:
            source = known.units.get(row["source"])
            gone = [_row(known, term, day) | {"until_on": until} for term, until in wanted.gone]
            told = {
                "proposal": wanted,
                "gone": gone,
                "unit": known.units[row["code"]],
                "from": source.name if source else row["source"],
            }
            found.append(row | told)
    return found


menu(blueprint, lazy_gettext("通讯录"), ".directory", order=90)
