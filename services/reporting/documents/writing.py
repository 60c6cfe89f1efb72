"""What each kind of report says: a frozen report's data become an official document. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.reporting.documents import wording as w
from services.reporting.documents.official import Block, Document, Heading, Paragraph, Sheet
from services.reporting.domain.ranking import LEAST
from services.reporting.domain.reports import HALF_MONTH, TWO_MONTHS, WEEK
from services.reporting.domain.statistics import ZONE
from shared.contract.person import Person

MOST_ROWS = 200  # of a list within the document; all of it stands in the sheets that go with it
Data = Mapping[str, Any]
Column = tuple[str, int, Callable[[Data], str]]


@dataclass(frozen=True, kw_only=True)
class Issue:
    """How it was issued: under which number, by whom, when; `corrects` names the issued one that it corrects, and `reasons` why."""

    number: str = ""
    by: Person | None = None
    at: datetime | None = None
    corrects: str = ""
    reasons: str = ""


def write(data: Data, issue: Issue) -> Document:
    """The document."""
    kind, names = data["kind"], data["names"]
    name = names[data["organisation"]]
    dated = w.long_day(issue.at.astimezone(ZONE).date()) if issue.at else ""
    organ = names.get(issue.by.organisation, name) if issue.by else name
    blocks = [*_correcting(issue), *BODIES[kind](data), *_definitions(data)]
    return Document(
        masthead=w.masthead(kind, name), number=issue.number, signer=f"签发人：{issue.by.name}" if issue.by else "",
        title=w.title(data), addressee=w.addressee(kind), blocks=blocks, organ=organ, dated=dated,
        copies="抄送：信访工作领导小组成员单位。",
        imprint=f"{organ}　{dated}印发" if dated else "", draft="" if issue.number else "草稿　未签发",
    )  # fmt: skip


def columns(data: Data, name: str) -> list[Column]:
    """The columns of a list: their heads, widths and what stands in them."""
    names = data["names"]

    def unit(item: Data) -> str:
        return str(names.get(item["unit"], item["unit"] or w.NONE))

    number: list[Column] = [("编号", 25, lambda item: item["number"]), ("标题", 25, w.headline)]
    answering: list[Column] = [("责任单位", 14, unit), ("责任人", 12, w.who)]
    channel: Column = ("渠道", 8, lambda item: w.CHANNELS.get(item["channel"], w.NONE))
    return {
        "accepted": [*number, channel, *answering, ("受理日期", 17, lambda item: w.day(item["accepted"]))],
        "in_hand": [*number, *answering, ("期限", 17, w.limit), ("超期", 12, w.over)],
        "concluded": [*number, channel, *answering, ("办结日期", 17, lambda item: w.day(item["concluded"]))],
        "overdue": [*number, *answering, ("期限", 17, w.limit), ("超期", 12, w.over), ("已采取措施", 19, _steps)],
    }[name]


def _steps(item: Data) -> str:
    return "；".join(f"{step['on'][5:]} {w.RUNGS[step['step']]}" for step in item.get("steps", ())) or w.NONE


def _sheet(data: Data, name: str, caption: str) -> Iterator[Block]:
    """A list with what of it is not told case by case. Unlisted are those from which somebody must be kept."""
    items, whole = data["lists"][name], data["lengths"][name]
    shown, told = items[:MOST_ROWS], columns(data, name)
    if shown:
        rows = [[str(n), *(cell(item) for _, _, cell in told)] for n, item in enumerate(shown, 1)]
        yield Sheet(
            caption, ["序号", *(head for head, _, _ in told)], rows, [8, *(width for _, width, _ in told)], frozenset({0})
        )
    if len(items) > len(shown):
        yield Paragraph(f"以上列{len(shown)}件，其余{len(items) - len(shown)}件见所附清单。")
    if whole > len(items):
        yield Paragraph(f"{'另有' if items else ''}{whole - len(items)}件依规不逐件列出。")
    if not whole:
        yield Paragraph("无。")


def _of_week(data: Data) -> Iterator[Block]:
    figures, when = data["figures"], w.until(data)
    channels = "、".join(f"{w.CHANNELS.get(channel, '其他')}{n}件" for channel, n in data["channels"].items())
    yield Heading("一、总体情况")
    yield Paragraph(
        f"本周（{w.span(data)}）登记信访件{figures['registered']}件{f'（{channels}）' if channels else ''}，受理{figures['accepted']}件，"
        f"作出批示{figures['instructions']}次，首次署名回复{figures['replied']}件，办结{figures['concluded']}件，结案{figures['closed']}件，"
        f"信访人撤回{figures['withdrawn']}件。截至{when}，在办{figures['in_hand']}件，已办结待回访{figures['to_follow_up']}件，"
        f"超期{figures['overdue']}件。"
    )
    yield Paragraph(_rates(figures, "本周"))
    for n, (name, caption) in enumerate((("accepted", "受理"), ("in_hand", "在办"), ("concluded", "办结")), 2):
        yield Heading(f"{w.numeral(n)}、{caption}情况（{data['lengths'][name]}件）")
        yield from _sheet(data, name, f"{caption}信访件")


def _rates(figures: Data, period: str) -> str:
    told = []
    for name, limit, done, rate in (
        ("reply_rate", "回复", "署名回复", "到期回复率"),
        ("closing_rate", "办结", "结案", "到期结案率"),
    ):
        found = figures[name]
        told.append(
            f"{period}{limit}期限届满{found['of']}件，截止时已{done}{found['done']}件，{rate}{w.rate(found)}"
            if found["of"]
            else f"{period}没有{limit}期限届满的信访件"
        )
    return "；".join(told) + "。"


def _of_half_month(data: Data) -> Iterator[Block]:
    figures = data["figures"]
    yield Heading("一、总体情况")
    yield Paragraph(
        f"截至{w.until(data)}，超期未完成的信访事项{figures['overdue']}件，其中{w.span(data)}期间新超期{data['fallen']}件。"
        "请责任单位主要负责人逐件研究，按督办要求限期办结，结果报督查室。"
    )
    yield Heading(f"二、超期信访事项（{data['lengths']['overdue']}件）")
    yield from _sheet(data, "overdue", "超期信访事项")


def _of_two_months(data: Data) -> Iterator[Block]:
    figures = data["figures"]
    yield Heading("一、总体情况")
    yield Paragraph(
        f"{w.span(data)}，登记信访件{figures['registered']}件，作出批示{figures['instructions']}次，首次署名回复{figures['replied']}件，"
        f"办结{figures['concluded']}件，结案{figures['closed']}件；约谈责任人{data['interviews']}人次。"
        f"截至{w.until(data)}，在办{figures['in_hand']}件，超期{figures['overdue']}件。{_rates(figures, '两月内')}"
    )
    yield Heading("二、各单位办理情况排名")
    yield from _ranking(data)
    yield Heading("三、列入通报的信访事项")
    yield from _listed(data)
    yield Heading(f"四、超期未完成的信访事项（{data['lengths']['overdue']}件）")
    yield from _sheet(data, "overdue", "超期信访事项")


def _ranking(data: Data) -> Iterator[Block]:
    names = data["names"]
    rows = [
        [
            str(row["place"]) if row["place"] else w.NONE, names[row["unit"]], w.rate(row["closing"]), w.rate(row["reply"]), str(row["overdue"]),
        ]
        for row in data["ranking"]
    ]  # fmt: skip
    if not rows:
        yield Paragraph("两月内没有期限届满的信访件，不作排名。")
        return
    yield Sheet(
        "各单位办理情况", ["名次", "单位", "到期结案率", "到期回复率", "超期件数"], rows, [10, 30, 23, 23, 14], frozenset({0, 4})
    )
    yield Paragraph(
        f"排名规则：（一）两月内办结期限届满{LEAST}件及以上的单位参加排名，不足{LEAST}件的只列数据、不排名次。（二）按到期结案率由高到低排列；"
        "相同的，按到期回复率；仍相同的，截止时超期件数少者在前。（三）三项均相同的并列，其后名次空出。比率按分数比较，不按四舍五入后的数字比较。",
        note=True,
    )


def _listed(data: Data) -> Iterator[Block]:
    listed: Sequence[Data] = data["circular"]
    for n, each in enumerate(listed, 1):
        unit, title = data["names"][each["unit"]], f"《{each['title']}》" if each["title"] else ""
        about = w.CONFIDENTIAL if each["reasons"] is None else title
        who = f"{unit}{each['leader']}（{each['post']}）"
        yield Paragraph(f"{n}．{who}：{each['number'] or w.NONE}{about}。{each['reasons'] or ''}（{each['document']}）")
    if not listed:
        yield Paragraph("无。")


def _correcting(issue: Issue) -> Iterator[Block]:
    if issue.corrects:
        yield Paragraph(f"本件更正{issue.corrects}。更正原因：{issue.reasons}")


def _definitions(data: Data) -> Iterator[Block]:
    """What the figures mean stands on the report that shows them."""
    yield Paragraph(
        f"说明：数据取自信访系统，截止时间为{w.until(data)}，依据的事件记录截至第{data['place']}号。在办，指已登记、尚未办结和撤回；"
        "到期回复率，指期内回复期限届满的信访件中截止时已署名回复的比例；到期结案率，指期内办结期限届满的信访件中截止时已结案的比例，"
        "逾期完成的计入已完成，未届满的不计入。期限届满的信访件按届满时的责任人统计。",
        note=True,
    )


BODIES: Mapping[str, Callable[[Data], Iterator[Block]]] = {WEEK: _of_week, HALF_MONTH: _of_half_month, TWO_MONTHS: _of_two_months}
