"""Score cards: of every leader and unit for those who oversee them, of himself and his unit for everybody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import lazy_gettext as _

from services.supervision import cards
from services.supervision.domain.scores import Card, year_start
from services.supervision.handlers import scores as handlers
from services.supervision.handlers.acting import leaders
from services.supervision.handlers.in_force import policy_in_force
from services.supervision.store import SQL
from services.supervision.web.charge_forms import CardArguments
from services.supervision.web.common import READERS, WORDS, acting, blueprint, case_sight, reader_now
from services.supervision.working_calendar import local_day
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse
from shared.web.frame import menu
from shared.web.session import Reader

EVERYBODY = tuple(Role)


def _waiting(reader: Reader) -> int | None:
    """Objections that wait, for those who decide on them."""
    if not reader.may(Role.SUPERVISION_OFFICE, Role.FIRST_IN_COMMAND):
        return None
    with unit_of_work("supervision") as uow:
        return int(uow.all(SQL["objections_waiting"], **case_sight(reader))[0]["waiting"])


menu(blueprint, _("计分"), ".score_cards", *READERS, Role.LEADER, Role.UNIT_HEAD, order=33, badge=_waiting)


def _asked(uow: UnitOfWork) -> tuple[dict[str, Any], date, date, datetime]:
    """The arguments, the period (by default this civil year) and the cut-off. Raises BadInput and Refused."""
    asked = parse(CardArguments(), request.args)
    cut = handlers.cut_off(uow, asked.get("cut"))
    last = asked.get("last") or local_day(cut)
    first = asked.get("first") or year_start(last)
    if not date(2000, 1, 1) <= first <= last <= date(2999, 12, 31):
        raise Refused("from", "起止日期不对：起不能晚于止，年份须在 2000 至 2999 之间。", "请改正后重试。")
    return asked, first, last, cut


@blueprint.get("/scores")
@allow(*EVERYBODY)
def score_cards() -> ResponseReturnValue:
    """Everybody's points for a period, as far as the reader oversees them; else his own and his unit's."""
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        _args, first, last, cut = _asked(uow)
        own = handlers.standing_for(uow, reader.official_id)
        rows = handlers.scored(uow, first, last, cut, own)
        names = _names(uow)
        rules = policy_in_force(uow).scores
    shown = [row for row in rows if row["code"] in own or (reader.may(*READERS) and _oversees(reader, row))]
    me = {"official": reader.official_id, "name": reader.name, "post": "", "organisation": reader.org}
    shown += [{"whom": "leader", "code": reader.official_id, "person": Person.of(me), "card": None}] * (
        not reader.may(*READERS) and all(row["code"] != reader.official_id for row in shown)
    )
    return render_template(
        "supervision/score_cards.html", rows=shown, first=first, last=last, cut=cut, cut_text=instant(cut), names=names, rules=rules,
        words=WORDS, own=own, whole=reader.may(*READERS), values=dict(request.args),
        records=reader.may(Role.SUPERVISION_OFFICE, Role.OFFICE, Role.FIRST_IN_COMMAND),
    )  # fmt: skip


def _oversees(reader: Reader, row: dict[str, Any]) -> bool:
    return reader.sees(row["person"].organisation if row["person"] else row["code"])


def _names(uow: UnitOfWork) -> dict[str, tuple[str, str]]:
    return {row["code"]: (row["name"], row["name_en"]) for row in uow.all(SQL["organisations_named"])}


@blueprint.get("/scores/card")
@allow(*EVERYBODY)
def score_card() -> ResponseReturnValue:
    """One card with each of its entries; the address holds the cut-off, so that the same address gives the same card."""
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        asked, first, last, cut = _asked(uow)
        code = asked.get("code") or reader.official_id
        if "cut" not in asked or "code" not in asked:
            fixed: dict[str, Any] = {"code": code, "from": first, "until": last, "cut": instant(cut), "as": asked.get("kind")}
            return redirect(url_for(".score_card", **{key: value for key, value in fixed.items() if value}), 303)
        own = code in handlers.standing_for(uow, reader.official_id)
        card = handlers.card_of(uow, code, first, last, cut, own=own)
        person = next((entry.person for line in card.lines for entry in line.entries if entry.person), None)
        person = person or leaders(uow).get(code) or (acting(uow) if code == reader.official_id else None)
        if not own and not (reader.may(*READERS) and reader.sees(person.organisation if person else code)):
            raise NotFound("code", "没有找到该计分卡。", "请核对后重试。")
        entries = [entry for line in card.lines for entry in line.entries]
        cases = handlers.shown(uow, entries, case_sight(reader), own=own)
        rules = handlers.rules_of(uow, card)
        objections = {row["entry_id"]: row for row in uow.all(SQL["objections_of"], entries=[entry.id for entry in entries])}
        names, now, open_until = _names(uow), uow.now, handlers.open_until(uow, entries)
    if asked.get("kind"):
        return _file(card, rules, cases, asked["kind"])
    return render_template(
        "supervision/score_card.html", card=card, person=person, rules=rules, cases=cases, objections=objections, names=names, own=own,
        words=WORDS, cut_text=instant(cut), open_until=open_until, now=now,
    )  # fmt: skip


def _file(card: Card, rules: cards.Rules, cases: cards.Cases, kind: str) -> Response:
    name = f"score-{card.code}-{card.first}-{card.last}.{kind}"
    if kind == "json":
        answer = jsonify(cards.as_data(card, rules, cases))
    else:
        text = cards.as_csv(cards.as_rows(card, rules, cases, "zh" if str(get_locale()).startswith("zh") else "en"))
        answer = Response(("\ufeff" + text).encode(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
