"""The article's case, played through the running system by the people who played in it (November 2016).

Everything is done where they would do it: a mail to the mail receiver, forms on the pages of the county and of the
township. Time is the simulated one, and moves only when everything has come to rest.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from deploy.dev.county import County
from deploy.dev.desk import Desk

CHINA = timezone(timedelta(hours=8))
TITLE = "永兴十里洞村民希望喝上健康的水"
SECRETARY, TOWN = "o-431023-secretary", "o-431023104-secretary"
VICE, DISCIPLINE, ENVIRONMENT = "o-431023-vice-env", "o-431023-cdi-secretary", "o-431023-epb-director"
CLERK, OFFICE, FOLLOWUP = "o-431023-xf-clerk", "o-431023-office-clerk", "o-431023-followup"


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of 2016 in China."""
    return datetime(2016, month, day, hour, minute, tzinfo=CHINA)


def mail() -> EmailMessage:
    """The mail of 2016-11-07, signed 多说无益."""
    message = EmailMessage()
    message["From"], message["To"] = "多说无益 <duoshuowuyi@example.org>", "shuji@yongxing.example"
    message["Subject"], message["Message-ID"] = TITLE, "<20161107.duoshuowuyi@example.org>"
    message["Date"] = "Mon, 07 Nov 2016 08:40:00 +0800"
    message.set_content(
        "书记您好：十里洞村上游的造纸厂夜里排污水，村里的井水发黑发臭，希望县里管一管，让我们喝上健康的水。\n多说无益\n"
    )
    return message


class Story:
    """Plays the case act by act; `say` is told each step as it is done, `meanwhile` every instant at which the clock stops."""

    def __init__(
        self, county: County, say: Callable[[str], None], meanwhile: Callable[[datetime], None] = lambda _: None
    ) -> None:
        self._county, self._say, self._meanwhile = county, say, meanwhile
        self.case_id = UUID(int=0)
        self.number = ""

    def play(self) -> None:
        """The whole story. Raises Refusal or TimeoutError where the system does not do its part."""
        self.arrives()
        self.first_round()
        self.second_round()
        self.third_round()
        self.concluded()
        self.followed_up()

    def arrives(self) -> None:
        """The mail is taken in, the clerk writes the brief."""
        self._go(at(11, 7, 9, 0))
        with smtplib.SMTP("127.0.0.1", self._county.smtp_port, timeout=20) as server:
            server.send_message(mail())
        row = self._county.county.query(
            "SELECT p.id, p.number FROM intake.petition p WHERE channel = 'email' ORDER BY registered_at DESC LIMIT 1"
        )[0]
        self.case_id, self.number = row
        self._rest(f"来邮登记 {self.number}")
        clerk = self._county.desk(CLERK)
        page = f"/intake/petitions/{self.case_id}"
        clerk.send(page, "/brief", title="十里洞村饮水安全", category="environment", place="431023104",
                   brief="反映村上游造纸厂夜间排放污水，井水发黑发臭，要求解决饮水问题。")  # fmt: skip
        clerk.send(page, "/accept")
        self._rest("接待室写出交办摘要，受理")

    def first_round(self) -> None:
        """Round 1 to the township's first-in-command, in its own instance; a perfunctory reply comes back, signed."""
        self._go(at(11, 7, 10, 30))
        self._instruct("请柏林镇党委书记调查办理，限期报结果。", addressees=[TOWN], case_class="ordinary")
        self._rest("第一轮批示：点名交办柏林镇党委书记")
        town, assignment = self._county.desk(TOWN), self._assignment(TOWN, 1)
        town.send(assignment, "/receive")
        self._go(at(11, 22, 9, 30))
        self._reply(
            town, assignment, "explained", "经了解，水质总体正常，个别村民反映情况与事实有出入。", "", "已向村民作了解释。"
        )
        self._rest("11月22日，镇党委书记署名回复：大事化小、敷衍塞责")

    def second_round(self) -> None:
        """Round 2 criticises the reply; a county leader leads, two units join; findings and measures."""
        self._go(at(11, 22, 11, 0))
        reply = self._county.county.query(
            "SELECT id FROM routing.reply WHERE case_id = %s ORDER BY replied_at", str(self.case_id)
        )[0][0]
        self._instruct("回复大事化小、敷衍塞责，对柏林镇党委书记提出批评。请分管副县长牵头，会同县纪委、县环保局调查并立案处理。",
                       lead=VICE, joint=[DISCIPLINE, ENVIRONMENT], addressees=[], case_class="complex", answers=reply, verdict="returned",
                       earlier="withdrawn")  # fmt: skip
        self._rest("第二轮批示：退回并批评，分管副县长牵头，县纪委、县环保局会办")
        for official in (VICE, DISCIPLINE, ENVIRONMENT):
            self._county.desk(official).send(self._assignment(official, 2), "/receive")
        self._go(at(11, 25, 9, 0))
        self._county.desk(VICE).send(self._assignment(VICE, 2), "/progress", progress="已到现场查看水质污染区域，走访周边群众。")
        self._go(at(11, 25, 17, 0))
        found = "现场查看并走访群众，污水乱排已多次发生。"
        measures = "依法取缔涉事造纸厂\n对企业负责人给予行政拘留\n建议县委对相关责任人问责"
        for official in (VICE, DISCIPLINE, ENVIRONMENT):
            self._reply(
                self._county.desk(official),
                self._assignment(official, 2),
                "supported",
                found,
                measures,
                "造纸厂已取缔，正在恢复水源。",
            )
        self._rest("11月25日，取缔造纸厂，行政拘留企业负责人，建议问责")

    def third_round(self) -> None:
        """Round 3 accepts the result and asks the discipline office to act; accountability is decided on 2016-11-30."""
        self._go(at(11, 25, 18, 0))
        for (reply,) in self._county.county.query(
            "SELECT id FROM routing.reply WHERE case_id = %s AND round = 2", str(self.case_id)
        ):
            self._approve(reply)
        self._instruct("对处理结果表示认可，请县纪委依规处理相关人员。", addressees=[DISCIPLINE], case_class="complex")
        self._rest("第三轮批示：认可处理结果，要求县纪委依规处理")
        discipline, assignment = self._county.desk(DISCIPLINE), self._assignment(DISCIPLINE, 3)
        discipline.send(assignment, "/receive")
        self._go(at(11, 30, 16, 0))
        page = f"/routing/cases/{self.case_id}"
        self._secretary().send(page, "/accountability", kind="decision", person="柏林镇相关责任人", organisation="431023104",
                               measure="党内警告，责令书面检查", decided_by="县委常委会", meeting="县委常委会会议", decided_on="2016-11-30")  # fmt: skip
        self._reply(
            discipline,
            assignment,
            "supported",
            "县委常委会讨论通过了相关责任人问责处理。",
            "问责决定已送达",
            "相关责任人已被问责。",
        )
        self._rest("11月30日，县委常委会讨论通过问责")

    def concluded(self) -> None:
        """The last reply is approved and the case concluded."""
        reply = self._county.county.query("SELECT id FROM routing.reply WHERE case_id = %s AND round = 3", str(self.case_id))[0][
            0
        ]
        self._approve(reply)
        self._conclude("造纸厂取缔，责任人问责。", "造纸厂已取缔，企业负责人已被拘留，责任人已被问责；自来水正在接通。")
        self._rest("办结")

    def followed_up(self) -> None:
        """The petitioner is not satisfied at first, then satisfied: closed and archived."""
        self._go(at(12, 2, 10, 0))
        self._answer("not_satisfied")
        self._rest("回访：不满意，转回继续办理")
        self._go(at(12, 2, 15, 0))
        self._instruct("群众还没有喝上自来水，请分管副县长督促接通后再报。", addressees=[VICE], case_class="complex")
        self._rest("第四轮批示")
        vice, assignment = self._county.desk(VICE), self._assignment(VICE, 4)
        vice.send(assignment, "/receive")
        self._go(at(12, 6, 10, 0))
        self._reply(vice, assignment, "supported", "自来水已接通到户。", "接通自来水 126 户", "自来水已接通到户。")
        reply = self._county.county.query("SELECT id FROM routing.reply WHERE case_id = %s AND round = 4", str(self.case_id))[0][
            0
        ]
        self._approve(reply)
        self._conclude("自来水接通到户。", "自来水已接通到户，感谢您的监督。")
        self._rest("再次办结")
        self._go(at(12, 8, 10, 0))
        self._answer("satisfied")
        self._rest("回访：满意。结案存档")

    # -- what the people do ---------------------------------------------------------------------------------------------
    def _secretary(self) -> Desk:
        return self._county.desk(SECRETARY)

    def _instruct(self, text: str, **answers: Any) -> None:
        self._secretary().send(f"/routing/review?case={self.case_id}", f"/routing/review/{self.case_id}", text=text, **answers)

    def _assignment(self, official: str, round_number: int) -> str:
        instance = self._county.town if official == TOWN else self._county.county
        rows = instance.query(
            "SELECT id FROM routing.assignment WHERE case_id = %s AND round = %s AND responsible ->> 'official' = %s",
            str(self.case_id), round_number, official,
        )  # fmt: skip
        return f"/routing/assignments/{rows[0][0]}"

    def _reply(self, desk: Desk, assignment: str, outcome: str, findings: str, measures: str, answer: str) -> None:
        desk.send(
            assignment, "/reply", outcome=outcome, findings=findings, measures=measures, answer=answer, sign="yes", warned="yes"
        )

    def _approve(self, reply: UUID) -> None:
        self._secretary().send(f"/routing/cases/{self.case_id}", f"/{reply}", verdict="approved", reasons="")

    def _conclude(self, summary: str, answer: str) -> None:
        self._secretary().send(
            f"/routing/cases/{self.case_id}", "/conclude", concluded="supported", summary=summary, answer=answer
        )

    def _answer(self, result: str) -> None:
        task = self._county.county.query("SELECT id FROM followup.task WHERE case_id = %s AND stage = 'open'", str(self.case_id))[
            0
        ][0]
        self._county.desk(FOLLOWUP).send(f"/followup/tasks/{task}", f"/{task}", result=result, manner="email", note="")

    def _go(self, moment: datetime) -> None:
        self._county.driver.advance(moment)
        self._meanwhile(moment)

    def _rest(self, what: str) -> None:
        self._county.driver.rest.wait()
        self._say(f"{self._county.driver.now.astimezone(CHINA):%Y-%m-%d %H:%M}  {what}")
