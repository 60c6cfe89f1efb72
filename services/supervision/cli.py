"""`zhida supervision ...`: check a policy, put one in force, say why a case is due when it is."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from babel.support import NullTranslations, Translations

from services.supervision import checks
from services.supervision.handlers.explaining import case_of, explained
from services.supervision.handlers.in_force import adopt_policy
from services.supervision.policy_file import BadPolicy, read_policy
from services.supervision.scores_cli import scores
from services.supervision.wording import Tongue, obligations, sentences
from shared.config import load
from shared.database import Database
from shared.errors import Refused, Unavailable

commands = typer.Typer(help="期限与督办 / deadlines and supervision", no_args_is_help=True)
policy = typer.Typer(help="期限规定 / the policy", no_args_is_help=True)
commands.add_typer(policy, name="policy")
commands.add_typer(scores, name="scores")
CHECKS = checks.CHECKS
STANDING = {"deadlines": checks.deadlines}
Given = Annotated[str, typer.Argument(help="文件，或自带的名称 / a FILE, or the name of a shipped one", metavar="FILE")]


class Language(StrEnum):
    """The languages of what is printed."""

    ZH = "zh"
    EN = "en"


@policy.command()
def check(file: Given) -> None:
    """Check FILE and say every fault with its place; changes nothing. Exit code 1 when it cannot be used."""
    try:
        found = read_policy(file)
    except BadPolicy as bad:
        raise _fail(bad) from bad
    typer.echo(f"{file}: {found.id} {found.title['zh']}")
    for rule in found.rules:
        typer.echo(f"  {rule.id}: {rule.words['zh']}")


@policy.command()
def adopt(file: Given) -> None:
    """Put FILE in force: new cases begin under it, cases at hand keep theirs. Harmless to repeat."""
    try:
        with _database().unit_of_work() as uow:
            adopted = adopt_policy(uow, file)
    except BadPolicy as bad:
        raise _fail(bad) from bad
    except Unavailable as fault:
        raise _down(fault) from fault
    typer.echo(f"{adopted.id} {adopted.title['zh']}")
    if load().policy != file:
        typer.echo(
            f"注意：进程重新启动时按 ZHIDA_POLICY（现为 {load().policy}）施行，请把它改为 {file}。"
            f" / A worker puts ZHIDA_POLICY (now {load().policy}) in force at its start: set it to {file}.",
            err=True,
        )


@commands.command()
def explain(
    case: Annotated[str, typer.Argument(help="编号或 UUID / number or UUID of a case", metavar="CASE")],
    language: Annotated[Language, typer.Option("--language", "-l", help="zh | en")] = Language.ZH,
) -> None:
    """Say step by step why each limit of CASE falls when it does. Changes nothing. Exit code 1 when there is no such case."""
    tongue = _tongue(language)
    try:
        with _database().unit_of_work() as uow:
            named, found = explained(uow, case_of(uow, case))
    except Refused as refused:
        typer.echo(" ".join(tongue.gettext(text) for text in (refused.rule, refused.remedy)), err=True)
        raise typer.Exit(1) from refused
    except Unavailable as fault:
        raise _down(fault) from fault
    typer.echo(f"{named['number']} {named['title']}".strip())
    for one in found:
        typer.echo(f"\n{obligations(tongue)[one.deadline.obligation]}")
        for number, sentence in enumerate(sentences(one.steps, tongue), 1):
            typer.echo(f"  {number}. {sentence}")


def _tongue(language: Language) -> Tongue:
    """The texts of the pages, outside of them; the source texts are Chinese."""
    folder = Path(__file__).with_name("translations")
    texts = Translations.load(folder, [language]) if language is not Language.ZH else NullTranslations()

    def gettext(text: str, **values: object) -> str:
        said = str(texts.gettext(text))
        return said % values if values else said

    def ngettext(one: str, many: str, num: int) -> str:
        return str(texts.ngettext(one, many, num)) % {"num": num}

    return Tongue(gettext, ngettext, language)


def _database() -> Database:
    settings = load()
    return Database(settings.service_url("supervision"), service="supervision", org=settings.org, simulated=settings.simulated)


def _down(fault: Unavailable) -> typer.Exit:
    typer.echo(str(fault), err=True)
    return typer.Exit(1)


def _fail(bad: BadPolicy) -> typer.Exit:
    for fault in bad.faults:
        typer.echo(f"{bad.name}: {fault}", err=True)
    return typer.Exit(1)
