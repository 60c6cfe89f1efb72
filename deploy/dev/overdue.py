"""A case that nobody concludes in time: up the ladder to a leader who carries it until it is settled, and what that counts.

Played beside the article's case and the examples, at the stops that these make, through the same pages (November and December 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from deploy.dev.county import County
from deploy.dev.desk import Desk
from deploy.dev.story import CLERK, FOLLOWUP, SECRETARY, at

TITLE, LATER = "村东耕地被占建厂房", "小区办证难拖了八年"
SUPERVISOR, HEAD = "o-431023-sup-director", "o-431023-lrb-director"
LEADER, MAYOR = "o-431023-vice-land", "o-431023-magistrate"
DUTIES = (
    ("situation", "site", "到现场查看被占地块，调阅用地手续，问明经过"),
    ("resolution", "meeting", "与国土、镇政府商定拆除和复耕的日期"),
    ("support", "help", "联系农技站送去复耕的种苗，安排冬种"),
    ("reception", "reception", "在接待室当面听取诉求，说明拆除安排"),
    ("ending", "call", "告知拆除结果和复耕期限，听取意见"),
)


class Overdue:
    """Plays what is due whenever the clock has stopped somewhere; call it with that instant."""

    def __init__(self, county: County) -> None:
        self._county = county
        self._case = ""
        self._acts: list[tuple[datetime, Callable[[], None]]] = [
            (at(11, 7, 9), self._registered),
            (at(11, 7, 10, 30), self._instructed),
            (at(12, 2, 9), self._noticed),
            (at(12, 8, 9), self._called_in),
            (at(12, 9, 9), self._interviewed),
            (at(12, 9, 9), self._carried),
            (at(12, 9, 10), lambda: self._duties(*DUTIES[:2])),
            (at(12, 13, 9), lambda: self._duties(*DUTIES[2:4])),
            (at(12, 14, 8), self._concluded),
            (at(12, 14, 9), lambda: self._duties(DUTIES[4])),
            (at(12, 15, 9), self._settled),
            (at(12, 16, 9), self._another_is_carried),
        ]

    def __call__(self, moment: datetime) -> None:
        while self._acts and self._acts[0][0] <= moment:
            _, act = self._acts.pop(0)
            act()

    def _registered(self) -> None:
        self._desk(CLERK).send(
            "/intake/register/visit", "/intake/register/visit", title=TITLE, text="村东的耕地被占，建了一座厂房，要求拆除、恢复耕种。",
            category="land", place="431023101", name="谢冬生", phone="13907350021", brief_title=TITLE,
            brief="反映村东耕地被占用建厂房，要求拆除并恢复耕种。", accept="yes",
        )  # fmt: skip
        self._case = self._one("SELECT id FROM intake.petition ORDER BY registered_at DESC, id DESC LIMIT 1")

    def _instructed(self) -> None:
        self._desk(SECRETARY).send(
            f"/routing/review?case={self._case}", f"/routing/review/{self._case}", text="请国土资源局调查，十日内办结。",
            addressees=[HEAD], case_class="ordinary",
        )  # fmt: skip
        self._desk(HEAD).send(self._assignment(), "/receive")

    def _noticed(self) -> None:
        self._desk(SUPERVISOR).send("/supervision/ladder?step=notice", "/supervision/ladder", all="true")
        self._desk(HEAD).send(self._assignment(), "/progress", progress="已发出责令停止建设通知，企业正在申辩。")

    def _called_in(self) -> None:
        self._desk(SECRETARY).send("/supervision/ladder?step=interview", "/supervision/interviews")
        self._desk(SECRETARY).send(self._interview(), "/appoint", meets_at="2016-12-08T15:00", place="县委小会议室")

    def _interviewed(self) -> None:
        self._desk(SECRETARY).send(
            self._interview(), "/record", attended="县委书记\n县国土资源局局长\n县委督查室主任", record="说明了未办结的原因，认领责任。",
            demands="一周内拆除厂房并书面报告。", until="2016-12-15",
        )  # fmt: skip

    def _carried(self) -> None:
        page = f"/supervision/cases/{self._case}/charge"
        words = "约谈后仍未办结，建议由分管领导包案。"
        self._desk(SUPERVISOR).send(page, "/proposal", ground="overdue", words=words)
        self._desk(SECRETARY).send(page, "/charge", leader=LEADER, ground="overdue")

    def _duties(self, *done: tuple[str, str, str]) -> None:
        for duty, form, words in done:
            self._record(LEADER, self._case, duty, form, "马田镇", words)

    def _concluded(self) -> None:
        self._desk(HEAD).send(
            self._assignment(), "/reply", outcome="supported", sign="yes", warned="yes",
            findings="11月20日现场勘测，企业未经批准占用耕地3亩建厂房，违反《土地管理法》第四十三条。", measures="12月13日拆除厂房\n次年3月前恢复耕种条件",
            answer="占用耕地的厂房已于12月13日拆除，土地在次年3月前恢复耕种。",
        )  # fmt: skip
        page = f"/routing/cases/{self._case}"
        reply = self._one("SELECT id FROM routing.reply WHERE case_id = %s", self._case)
        self._desk(SECRETARY).send(page, f"/{reply}", verdict="approved", reasons="")
        self._desk(SECRETARY).send(page, "/conclude", summary="厂房已拆除。", answer="厂房已拆除，土地在次年3月前恢复耕种。")

    def _settled(self) -> None:
        task = self._one("SELECT id FROM followup.task WHERE case_id = %s AND stage = 'open'", self._case)
        self._desk(FOLLOWUP).send(f"/followup/tasks/{task}", f"/{task}", result="satisfied", manner="visit", note="")

    def _another_is_carried(self) -> None:
        other = self._one("SELECT id FROM routing.case_record WHERE title = %s", LATER)
        self._desk(MAYOR).send(f"/supervision/cases/{other}/charge", "/charge", ground="backlog")
        self._record(MAYOR, other, "situation", "meeting", "县政府", "听取国土、住建汇报，查明欠缴土地出让金的经过")
        self._record(MAYOR, other, "reception", "reception", "县政府接待室", "当面听取业主代表意见，说明办理步骤")

    def _record(self, leader: str, case: str, duty: str, form: str, place: str, words: str) -> None:
        charge = self._one("SELECT id FROM supervision.charge WHERE case_id = %s", case)
        self._desk(leader).send(f"/supervision/charges/{charge}", "/duties", duty=duty, form=form, place=place, words=words)

    def _desk(self, official: str) -> Desk:
        return self._county.desk(official)

    def _one(self, statement: str, *params: Any) -> str:
        return str(self._county.county.query(statement, *params)[0][0])

    def _assignment(self) -> str:
        return f"/routing/assignments/{self._one('SELECT id FROM routing.assignment WHERE case_id = %s', self._case)}"

    def _interview(self) -> str:
        return f"/supervision/interviews/{self._one('SELECT id FROM supervision.interview ORDER BY called_at DESC LIMIT 1')}"
