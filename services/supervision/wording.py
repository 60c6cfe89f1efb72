"""The reckoning of a limit in sentences, for the page and for the command line alike; each hands in its language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from babel.dates import format_date

from services.supervision.domain.explaining import Counted, Moved, Step
from services.supervision.policy import Rule
from services.supervision.working_calendar import ZONE, DayKind


class Tongue(NamedTuple):
    """A language: how a text is said in it, and its name. Both functions fill a text's %(placeholders)s."""

    gettext: Callable[..., str]
    ngettext: Callable[..., str]
    language: str

    def day(self, day: date) -> str:
        """A day with its weekday."""
        return f"{day.isoformat()} {format_date(day, 'EEE', self.language)}"

    def moment(self, at: datetime) -> str:
        """An instant as the wall clock of Beijing shows it; midnight is 24:00 of the day that it ends."""
        local = at.astimezone(ZONE)
        if local.time() == time(0):
            return f"{self.day(local.date() - timedelta(days=1))} 24:00"
        return f"{self.day(local.date())} {local:%H:%M}"

    def words(self, words: dict[str, str]) -> str:
        """A text of the policy."""
        return words.get(self.language) or words["zh"]


def sentences(steps: Iterable[Step], tongue: Tongue) -> list[str]:
    """One sentence for each step."""
    return [_SAYS[step.kind](tongue, step.values) for step in steps]


def limit_of(rule: Rule, tongue: Tongue) -> str:
    """A rule's limit in words."""
    ngettext = tongue.ngettext
    if rule.days is None:
        return tongue.gettext("随办结期限")
    if rule.kind is DayKind.WORKING:
        return ngettext("%(num)d 个工作日", "%(num)d 个工作日", rule.days)
    return ngettext("%(num)d 日", "%(num)d 日", rule.days)


def length(by: timedelta, tongue: Tongue) -> str:
    """A length of time in days, hours and minutes; at least a minute."""
    gettext, minutes = tongue.gettext, max(1, round(abs(by).total_seconds() / 60))
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [
        (days, gettext("%(num)s 天", num=days)),
        (hours, gettext("%(num)s 小时", num=hours)),
        (minutes, gettext("%(num)s 分", num=minutes)),
    ]
    return " ".join(words for number, words in parts if number)


def obligations(tongue: Tongue) -> dict[str, str]:
    """What somebody owes."""
    gettext = tongue.gettext
    return {
        "receive": gettext("签收"), "objection": gettext("提出异议"), "progress": gettext("报告进展"), "reply": gettext("署名回复"),
        "conclude": gettext("办结"), "follow_up": gettext("回访"), "review": gettext("作出复查决定"),
    }  # fmt: skip


def starts(tongue: Tongue) -> dict[str, str]:
    """What a limit runs from."""
    gettext = tongue.gettext
    return {
        "first_dispatch": gettext("首次交办"), "assignment": gettext("本次交办"), "receipt": gettext("签收"), "reopening": gettext("重新办理"),
        "conclusion": gettext("办结"), "review": gettext("申请复查"), "final_review": gettext("申请复核"),
    }  # fmt: skip


def _start(tongue: Tongue, values: Any) -> str:
    what = starts(tongue).get(values["start"]) or tongue.gettext("开始")
    return tongue.gettext("起算：%(what)s，%(at)s（北京时间）。", what=what, at=tongue.moment(values["at"]))


def _rule(tongue: Tongue, values: Any) -> str:
    rule, policy = values["rule"], values["policy"]
    return tongue.gettext(
        "适用规定：%(words)s（%(limit)s）。依据：%(basis)s；%(policy)s 第 %(version)s 版，%(rule)s。",
        words=tongue.words(rule.words), limit=limit_of(rule, tongue), basis=tongue.words(rule.basis), policy=tongue.words(policy.title),
        version=policy.version, rule=rule.id,
    )  # fmt: skip


def _unknown_rule(tongue: Tongue, values: Any) -> str:
    return tongue.gettext("适用规定：%(policy)s 的 %(rule)s。现存的版本里没有这一条，无法逐日说明。", **values)


def _calendar(tongue: Tongue, values: Any) -> str:
    days = values["days"]
    return tongue.gettext(
        "计日：当日不计，从 %(first)s 数第 1 日，数到第 %(num)s 日，即 %(last)s。休息日、节假日照数。",
        first=tongue.day(days[0].day), num=len(days), last=tongue.day(days[-1].day),
    )  # fmt: skip


def _working(tongue: Tongue, values: Any) -> str:
    gettext, days = tongue.gettext, values["days"]
    said = gettext(
        "计日：当日不计，只数工作日；第 %(num)s 个工作日是 %(last)s。", num=days[-1].number, last=tongue.day(days[-1].day)
    )  # fmt: skip
    if values["off"]:
        said += _joined(tongue, gettext("不计的有：%(days)s。", days=", ".join(named(each, tongue) for each in values["off"])))
    if values["extra"]:
        said += _joined(
            tongue, gettext("调休上班照计的有：%(days)s。", days=", ".join(named(each, tongue) for each in values["extra"]))
        )
    return said


def _joined(tongue: Tongue, more: str) -> str:
    return more if tongue.language == "zh" else f" {more}"


def named(each: Counted, tongue: Tongue) -> str:
    """A day with what it is called after."""
    plain = tongue.gettext("周末") if each.day.weekday() > 4 else tongue.gettext("放假")
    return f"{tongue.day(each.day)} {each.name or plain}"


def _follows(tongue: Tongue, values: Any) -> str:
    return tongue.gettext("计日：与本件的办结期限同时到期，即 %(at)s。", at=tongue.moment(values["at"]))


def _wanted(tongue: Tongue, values: Any) -> str:
    return tongue.gettext("计日：批示自定的期限更早，以批示为准，即 %(at)s。", at=tongue.moment(values["at"]))


def _untraced(tongue: Tongue, values: Any) -> str:
    return tongue.gettext(
        "计日：设定时得出 %(at)s；当时的日历或此前准予的时间没有记全，无法逐日复核。", at=tongue.moment(values["at"])
    )


def _given_before(tongue: Tongue, values: Any) -> str:
    return tongue.gettext("此前已经准予的延期和暂停照计：加 %(length)s。", length=length(values["by"], tongue))


def _by(move: Moved, tongue: Tongue) -> str:
    if move.by is None:
        return ""
    return tongue.gettext("（决定人：%(name)s，%(post)s）", name=move.by.name, post=move.by.post)


def _extended(tongue: Tongue, values: Any) -> str:
    move = values["move"]
    return tongue.gettext(
        "延期：%(at)s 准予延期 %(length)s%(by)s，到期改为 %(due)s。一件只延一次。", at=tongue.moment(move.at), by=_by(move, tongue),
        length=length(values["by"], tongue), due=tongue.moment(move.due),
    )  # fmt: skip


def pauses(tongue: Tongue) -> dict[str, str]:
    """What a clock stands still for."""
    gettext = tongue.gettext
    return {
        "hearing": gettext("听证"), "inspection": gettext("勘验、检测、鉴定"), "mediation": gettext("调解"),
        "court": gettext("诉讼、复议等司法程序"),
    }  # fmt: skip


def _resumed(tongue: Tongue, values: Any) -> str:
    move = values["move"]
    what = pauses(tongue).get(move.category or "") or tongue.gettext("未写明类别")
    return tongue.gettext(
        "暂停：因%(what)s停止计时 %(length)s，%(at)s 恢复%(by)s，到期顺延为 %(due)s。", what=what, by=_by(move, tongue),
        length=length(values["by"], tongue), at=tongue.moment(move.at), due=tongue.moment(move.due),
    )  # fmt: skip


def _recounted(tongue: Tongue, values: Any) -> str:
    move = values["move"]
    return tongue.gettext(
        "重算：工作日历改动后，%(at)s 决定重新计算%(by)s，到期由 %(was)s 改为 %(due)s。理由：%(reason)s", at=tongue.moment(move.at),
        by=_by(move, tongue), was=tongue.moment(move.was), due=tongue.moment(move.due), reason=move.reason or "—",
    )  # fmt: skip


def _hearing(tongue: Tongue, values: Any) -> str:
    move = values["move"]
    return tongue.gettext(
        "听证：%(at)s 登记听证用时 %(length)s%(by)s，不计入期限，到期顺延为 %(due)s。", at=tongue.moment(move.at), by=_by(move, tongue),
        length=length(values["by"], tongue), due=tongue.moment(move.due),
    )  # fmt: skip


def _due(tongue: Tongue, values: Any) -> str:
    if values["lapses"]:
        return tongue.gettext("结果：%(at)s 截止，此后不能再提出。", at=tongue.moment(values["at"]))
    return tongue.gettext("结果：%(at)s 到期，此后即为超期。", at=tongue.moment(values["at"]))


def _differs(tongue: Tongue, values: Any) -> str:
    return tongue.gettext(
        "注意：按现在的工作日历应为 %(at)s。期限不会自动改动，须由督查室决定是否重新计算。", at=tongue.moment(values["at"])
    )


def _missed(tongue: Tongue, values: Any) -> str:
    return tongue.gettext("超期：%(at)s 记为超期，这一记录不会撤销。", at=tongue.moment(values["at"]))


def _paused(tongue: Tongue, values: Any) -> str:
    if values["at"] is None:
        return tongue.gettext("现状：期限暂停，恢复后顺延。")
    return tongue.gettext("现状：期限自 %(at)s 暂停，恢复后顺延。", at=tongue.moment(values["at"]))


def _met(tongue: Tongue, values: Any) -> str:
    return tongue.gettext("现状：%(at)s 按期完成。", at=tongue.moment(values["at"]))


def _met_late(tongue: Tongue, values: Any) -> str:
    return tongue.gettext("现状：%(at)s 完成，晚于期限。", at=tongue.moment(values["at"]))


def _withdrawn(tongue: Tongue, values: Any) -> str:
    return tongue.gettext("现状：%(at)s 终止，不再计时。", at=tongue.moment(values["at"]))


_SAYS: dict[str, Callable[[Tongue, Any], str]] = {
    "start": _start, "rule": _rule, "unknown_rule": _unknown_rule, "untraced": _untraced, "calendar": _calendar, "working": _working,
    "follows": _follows, "wanted": _wanted, "given_before": _given_before, "extended": _extended, "resumed": _resumed,
    "recounted": _recounted, "hearing": _hearing, "due": _due, "missed": _missed, "paused": _paused, "met": _met, "met_late": _met_late,
    "withdrawn": _withdrawn, "differs": _differs,
}  # fmt: skip
