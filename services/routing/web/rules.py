"""The rules: the list with what is broken in it, one rule's form, trying out, and how well learning does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from services.routing import store
from services.routing.domain.learning import record_key
from services.routing.domain.rules import Rule, Traits, broken, heads
from services.routing.handlers import rule_file, suggesting
from services.routing.handlers import rules as handlers
from services.routing.handlers.files import BadFile
from services.routing.web import rule_words as words
from services.routing.web.common import WORDS, blueprint, fresh, problem, reader, status_of
from services.routing.web.rule_forms import MoveForm, RuleForm, SwitchForm, TryForm
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

KEEPERS = (Role.OFFICE, Role.ADMINISTRATOR)
READERS = (*KEEPERS, Role.FIRST_IN_COMMAND, Role.AUDITOR)
RECENT = 20
Row = dict[str, Any]


@blueprint.get("/routing/rules")
@allow(*READERS)
def rules() -> ResponseReturnValue:
    """Every rule in its order; one that leads to nobody any more is shown as broken."""
    return _list({})


def _list(more: Row) -> str:
    with unit_of_work("routing") as uow:
        directory, known = store.directory(uow), store.rules(uow)
        held, last = heads(directory), suggesting.learnt(uow)
        rows = [
            {"id": rule.id, "rule": rule, "number": number, "condition": words.condition(rule, directory),
             "unit": words.unit(directory, rule.organisation), "head": held.get(rule.organisation),
             "record": last.records.get(record_key(rule)) if last else None,
             "fault": words.fault(rule, why, directory) if (why := broken(rule, directory, held)) else None}
            for number, rule in enumerate(known, 1)
        ]  # fmt: skip
        changes = [
            row
            | {"unit": words.unit(directory, row["says"]["organisation"]), "condition": words.condition(_said(row), directory)}
            for row in uow.all(store.SQL["rule_changes"], limit=RECENT)
        ]
        context = {
            "rows": rows, "changes": changes, "actions": words.ACTIONS, "trainings": uow.all(store.SQL["trainings"], limit=6),
            "keeps": reader().may(*KEEPERS), **_choices(uow),
        }  # fmt: skip
    return render_template("routing/rules.html", **context | more)


def _said(change: Row) -> Rule:
    """What a rule said when it was changed."""
    said = change["says"] | {"keywords": tuple(change["says"]["keywords"])}
    return Rule(id=change["rule_id"], position=change["number"], **said)


def _choices(uow: UnitOfWork) -> Row:
    """What the forms offer: categories that are known or occur, places, and organisations with their heads."""
    directory = store.directory(uow)
    held = heads(directory)
    codes = dict.fromkeys([*WORDS["categories"], *(row["category"] for row in uow.all(store.SQL["category_codes"]))])
    return {
        "categories": [(code, words.category(code)) for code in codes],
        "places": [(code, words.unit(directory, code)) for code in directory.organisations if code.isdigit()],
        "organisations": [
            (code, f"{words.unit(directory, code)} {held[code].name}") for code in directory.organisations
            if code in held and code != directory.own
        ],
    }  # fmt: skip


def _coded() -> MultiDict[str, str]:
    """The form with codes for the names of categories and places: people see and type names."""
    sent = request.form.copy()
    with unit_of_work("routing") as uow:
        offered = _choices(uow)
    for field, choices in (("category", "categories"), ("place", "places")):
        codes = {str(name): code for code, name in offered[choices]}
        if typed := sent.get(field, "").strip():
            sent[field] = codes.get(typed, typed)
    return sent


@blueprint.get("/routing/rules/new")
@allow(*KEEPERS)
def new_rule() -> ResponseReturnValue:
    """An empty form."""
    return _form(fresh(), {})


@blueprint.get("/routing/rules/<uuid:rule_id>")
@allow(*KEEPERS)
def rule(rule_id: UUID) -> ResponseReturnValue:
    """One rule's form."""
    with unit_of_work("routing") as uow:
        _known(uow, rule_id)
    return _form(rule_id, {})


def _known(uow: UnitOfWork, rule_id: UUID) -> tuple[int, Rule]:
    for number, found in enumerate(store.rules(uow), 1):
        if found.id == rule_id:
            return number, found
    raise NotFound("rule", "没有这条规则，或者它已被删除。", "请刷新页面。")


def _form(rule_id: UUID, more: Row) -> str:
    with unit_of_work("routing") as uow:
        number, found = next(((n, one) for n, one in enumerate(store.rules(uow), 1) if one.id == rule_id), (None, None))
        context = {"rule_id": rule_id, "rule": found, "number": number, **_choices(uow)}
        if found and found.organisation not in dict(context["organisations"]):  # broken: still shown, so that it is seen
            context["organisations"].insert(0, (found.organisation, words.unit(store.directory(uow), found.organisation)))
    return render_template("routing/rule.html", **context | more)


@blueprint.post("/routing/rules/<uuid:rule_id>")
@allow(*KEEPERS)
def save_rule(rule_id: UUID) -> ResponseReturnValue:
    """Add a rule under the id that its form was given, or change the one that has it."""
    try:
        form = parse(RuleForm(), _coded())
        number, revision = form.pop("number"), form.pop("revision")
        with unit_of_work("routing") as uow:
            known = next((one for one in store.rules(uow) if one.id == rule_id), None)
            if known is None and revision:
                raise NotFound("rule", "没有这条规则，或者它已被删除。", "请刷新页面。")
            given = Rule(id=rule_id, position=0, active=known.active if known else True, revision=revision, **form)
            handlers.save(uow, reader().official_id, given, number)
    except (BadInput, Refused) as fault:
        return _form(rule_id, problem(fault, position="number")), status_of(fault)
    flash(gettext("规则已保存，下一件起按新规则推荐。"))
    return redirect(url_for("routing.rules"), 303)


@blueprint.post("/routing/rules/<uuid:rule_id>/move")
@allow(*KEEPERS)
def move_rule(rule_id: UUID) -> ResponseReturnValue:
    """Put a rule at another place."""
    return _done(lambda uow, form: handlers.move(uow, reader().official_id, rule_id, form["number"]), MoveForm())


@blueprint.post("/routing/rules/<uuid:rule_id>/switch")
@allow(*KEEPERS)
def switch_rule(rule_id: UUID) -> ResponseReturnValue:
    """Switch a rule on or off."""
    return _done(lambda uow, form: handlers.switch(uow, reader().official_id, rule_id, form["active"] == "on"), SwitchForm())


@blueprint.post("/routing/rules/<uuid:rule_id>/remove")
@allow(*KEEPERS)
def remove_rule(rule_id: UUID) -> ResponseReturnValue:
    """Remove a rule that is switched off."""
    return _done(lambda uow, _: handlers.remove(uow, reader().official_id, rule_id), None)


def _done(act: Any, schema: Any) -> ResponseReturnValue:
    try:
        form = parse(schema, request.form) if schema else {}
        with unit_of_work("routing") as uow:
            act(uow, form)
    except (BadInput, Refused) as fault:
        return _list(problem(fault)), status_of(fault)
    flash(gettext("规则已更新。"))
    return redirect(url_for("routing.rules"), 303)


@blueprint.post("/routing/rules/try")
@allow(*READERS)
def try_rules() -> ResponseReturnValue:
    """Which rule would match this text, and who would be suggested. By POST: what is typed does not belong into an address."""
    try:
        form = parse(TryForm(), _coded())
    except BadInput as fault:
        return _list(problem(fault)), status_of(fault)
    traits = Traits.of(form["title"], form["brief"], form["category"], form["place"], form["channel"])
    with unit_of_work("routing") as uow:
        guide = suggesting.guide(uow, None, "")
        matching = [number for number, one in enumerate(guide.rules, 1) if one.active and one.matches(traits)]
        tried = words.shown(guide.suggest(traits), guide.directory) | {"winner": guide.winner(traits), "matching": matching}
    return _list({"tried": tried, "values": request.form.to_dict()})


@blueprint.get("/routing/rules.yaml")
@allow(*READERS)
def export_rules() -> ResponseReturnValue:
    """The rules as a file that the import takes."""
    with unit_of_work("routing") as uow:
        text = rule_file.dump(store.rules(uow))
    return Response(text, mimetype="application/yaml", headers={"Content-Disposition": "attachment; filename=rules.yaml"})


@blueprint.post("/routing/rules/import")
@allow(*KEEPERS)
def import_rules() -> ResponseReturnValue:
    """Put a file's rules in place of the list."""
    sent = request.files.get("file")
    if sent is None:
        abort(400)
    try:
        text = sent.stream.read(rule_file.LONGEST + 1).decode("utf-8")
        with unit_of_work("routing") as uow:
            by = store.directory(uow).acting(reader().official_id, *handlers.KEEPERS)
            changed, total = rule_file.load(uow, text, by)
    except UnicodeDecodeError:
        return _list({"file_faults": [gettext("文件不是 UTF-8 编码的文本。")]}), 422
    except BadFile as bad:
        return _list({"file_faults": bad.faults}), 422
    flash(gettext("已导入 %(total)d 条规则，其中 %(changed)d 条有变化。", total=total, changed=changed))
    return redirect(url_for("routing.rules"), 303)


menu(blueprint, lazy_gettext("交办规则"), ".rules", order=92)
