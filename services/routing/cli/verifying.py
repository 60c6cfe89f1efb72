"""`zhida routing verify`: whether a reply is what its signer signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.routing.cli.common import database, fail
from services.routing.handlers import verifying
from services.routing.handlers.verifying import Verified
from shared.errors import Refused, Unavailable

STANDINGS = {
    "keyed": "签名有效", "hashed": "内容摘要有效，署名人当时没有签名密钥", "altered": "内容与署名不符", "unkeyed": "没有用应用的签名密钥",
    "unknown_key": "签名密钥不是署名人的", "not_in_force": "签名时密钥未生效或已停用",
    "unproven": "本系统没有这份回复，仅凭内容摘要或已停用的密钥不能证明由署名人作出",
}  # fmt: skip


def verify(
    reply: Annotated[str, typer.Argument(metavar="REPLY_ID|FILE", help="回复的编号，或从核验页下载的署名文件")],
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """Verify a reply by its id or from a file, with the keys known here. Exit code 0: valid, 1: not, 2: no such reply or file."""
    try:
        found = _verified(reply)
    except Unavailable as fault:
        raise fail(str(fault)) from fault
    except (Refused, OSError, ValueError) as fault:
        typer.echo(f"{fault.rule} {fault.remedy}" % fault.values if isinstance(fault, Refused) else f"{reply}: {fault}", err=True)
        raise typer.Exit(2) from fault
    typer.echo(json.dumps(found.as_data(), ensure_ascii=False) if as_json else _in_words(found))
    raise typer.Exit(0 if found.sound else 1)


def _verified(reply: str) -> Verified:
    with database().unit_of_work() as uow:
        try:
            return verifying.by_id(uow, UUID(reply))
        except ValueError:
            return verifying.from_file(uow, json.loads(Path(reply).read_text(encoding="utf-8")))


def _in_words(found: Verified) -> str:
    data = found.as_data()
    rows = [
        ("结论", f"{'有效' if found.sound else '无效'}：{STANDINGS[found.standing]}"), ("回复", data["reply"]),
        ("署名人", f"{data['name']} {data['post']}（{data['organisation']}）"), ("时间", data["at"]), ("算法", data["alg"]),
        ("密钥", data["key_id"] or "—"), ("摘要", data["hash"]),
    ]  # fmt: skip
    return "\n".join(f"{label}\t{value}" for label, value in rows)
