"""A lost secret code is replaced at the counter (art. 23: whoever petitioned may ask how it stands). Pure: `now` is handed in."""

from __future__ import annotations

from datetime import timedelta

from services.intake.domain.petition import Petition
from services.intake.domain.submission import Identity
from services.intake.domain.viewing import OPENERS, Viewer
from shared.errors import Conflict, Forbidden, Refused

FRESH = timedelta(hours=1)  # between the look at the identity and the new code

DOUBTFUL = timedelta(days=30)  # after a new code: so long the office is shown what was done with it, for staff have seen it


def check(case: Petition, viewer: Viewer, *, looked: bool) -> None:
    """Raise unless this official may give this petition a new code. `looked`: at the identity, of late, for this purpose."""
    if not viewer.of_instance or viewer.roles.isdisjoint(OPENERS):
        raise Forbidden("code", "查询码由登记员和领导小组办公室补发。", "请信访人到信访接待室办理。")
    if case.identity is Identity.ANONYMOUS:
        raise Refused("checked", "匿名信访没有登记身份，无法核对，查询码不能补发。", "信访人可以重新提交，并写明原来反映的事项。")
    if not looked:
        raise Conflict("checked", "还没有查看登记的身份。", "请先以“补发查询码”为用途查看身份，与本人证件核对。")
