"""`python -m deploy.k8s`: prints manifests that depend on the organisation. Nothing is sent anywhere: pipe it to kubectl."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import typer
import yaml

from deploy.k8s import rights as broker_rights
from deploy.k8s import secrets as instance_secrets
from shared.config import SERVICES

CODE = re.compile(r"\d{2,12}(-[a-z0-9]+)?")
ALL = " ".join(SERVICES)
commands = typer.Typer(help=__doc__, no_args_is_help=True)


def _code(value: str | None) -> str | None:
    if value and not CODE.fullmatch(value):
        raise typer.BadParameter("a national code is wanted, such as 431023 or 431023104")
    return value


def _services(value: str) -> str:
    unknown = set(value.split()) - set(SERVICES)
    if unknown or not value.split():
        raise typer.BadParameter(f"choose from: {' '.join(SERVICES)}")
    return value


Org = Annotated[str, typer.Argument(callback=_code)]
Services = Annotated[str, typer.Option(callback=_services, help="What the instance runs.")]
Superior = Annotated[str, typer.Option(callback=_code, help="Code of the instance above, if there is one.")]


def text(manifests: Sequence[broker_rights.Manifest]) -> str:
    """Manifests as one YAML stream."""
    return yaml.safe_dump_all(manifests, allow_unicode=True, sort_keys=False, width=1000, explicit_start=True)


@commands.command()
def rights(
    org: Org,
    services: Services = ALL,
    superior: Superior = "",
    subordinate: Annotated[list[str] | None, typer.Option(help="Codes of instances below that are linked here.")] = None,
) -> None:
    """Virtual host, users and their exact rights at the broker, for RabbitMQ's topology operator."""
    below = [code for code in subordinate or () if _code(code)]
    options = (
        f"--services '{services}'"
        + (f" --superior {superior}" if superior else "")
        + "".join(f" --subordinate {one}" for one in below)
    )
    typer.echo(f"# Generated: python -m deploy.k8s rights {org} {options}")
    typer.echo(text(broker_rights.objects(org, services.split(), below, superior or None)), nl=False)


@commands.command()
def secrets(
    org: Org,
    services: Services = ALL,
    superior: Superior = "",
    superior_at: Annotated[str, typer.Option(help="host:port of the superior's broker, if it is in another cluster.")] = "",
    namespace: Annotated[str, typer.Option(help="Where the instance lives; zhida-<org> by default.")] = "",
    plain: Annotated[bool, typer.Option("--plain", help="For broker and database without operators.")] = False,
) -> None:
    """Keys and passwords of a new instance, made anew at each call: create them once, keep them, and back the keys up."""
    found = instance_secrets.made(
        org, services.split(), at=namespace, superior=superior or None, superior_at=superior_at, plain=plain
    )
    typer.echo(text(found), nl=False)


if __name__ == "__main__":
    commands()
