"""A reply as its signer writes and sends it."""

from __future__ import annotations

from uuid import UUID

from tests.integration.routing.browser import PASSWORD, Browser
from tests.integration.routing.world import Instance

PIN = "204817"
PNG = b"\x89PNG\r\n\x1a\n" + b"page" * 50
FULL = {
    "outcome": "supported",
    "findings": "11月9日到十里洞村现场查看，走访村民12户，县环保局检测水样3份，造纸厂污水直排河道属实，致村民饮水困难，原因是该厂停用治污设备。",
    "measures": "取缔造纸厂\n12月底前接通自来水", "evidence": "水质检测报告\n走访笔录",
    "answer": "经查，造纸厂污水直排属实，已于11月25日依法取缔；自来水12月底前接通到户，其间每天送水，您可联系镇政府。",
}  # fmt: skip
SHORT = FULL | {"evidence": "", "answer": "已转交有关部门处理。"}


def send(one: Browser, assignment: UUID, do: str = "sign", **form) -> Browser:
    one.get(f"/routing/assignments/{assignment}")
    return one.post(
        f"/routing/assignments/{assignment}/reply", **({"reply_id": one.hidden("reply_id"), "sign": "yes", "do": do} | form)
    )


def set_pin(one: Browser, pin: str = PIN, **changes) -> Browser:
    one.get("/routing/pin")
    return one.post("/routing/pin", **({"pin": pin, "again": pin, "current": PASSWORD} | changes))


def replies(county: Instance) -> list[dict]:
    return county.query("SELECT * FROM reply ORDER BY replied_at")
