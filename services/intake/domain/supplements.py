"""What a petitioner adds to a petition that is registered already. Pure: `now` is handed in."""

from __future__ import annotations

from datetime import datetime, time

from services.intake.domain.petition import Petition
from services.intake.domain.submission import CHINA
from services.intake.workflow import Stage
from shared.errors import Conflict, Refused

LONGEST = 20_000
MOST_A_DAY = 5


def midnight(now: datetime) -> datetime:
    """When the day began in the county, by whose days additions are counted."""
    return datetime.combine(now.astimezone(CHINA).date(), time(), CHINA)


def check(case: Petition, text: str, today: int) -> None:
    """Raise Conflict or Refused unless this text may be added; `today` counts those of the day."""
    if case.withdrawn_at:
        raise Conflict("supplement", "信访件已撤回，不再接收补充材料。", "如需继续反映，请重新提交。")
    if case.stage is Stage.ARCHIVED:
        raise Conflict("supplement", "信访件已存档，不再接收补充材料。", "有新的情况，请重新提交，并写明原编号。")
    if not text.strip() or len(text) > LONGEST:
        raise Refused("supplement", "补充内容必填，最多 %(max)s 个字。", "请写清要补充的情况。", max=LONGEST)
    if today >= MOST_A_DAY:
        raise Conflict(
            "supplement", "同一件信访件每天最多补充 %(max)s 次。", "请明天再补充，或到信访接待室当面说明。", max=MOST_A_DAY
        )
