"""How petitions come in: each channel by its own door, with whatever it leaves there; then the reception room's brief and acceptance."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID, uuid5

from deploy.dev.ports import LOOPBACK
from deploy.replay import words
from deploy.replay.county import County
from deploy.replay.lots import Lots
from deploy.replay.plan import Planned
from services.intake.domain.boards import Post
from services.intake.domain.calls import Outcome as CallOutcome
from services.intake.domain.submission import Channel, Identity, MatterType, Petitioner, Submission
from services.intake.domain.visits import Ending, Outcome, Record, Visitor
from services.intake.handlers import board_items, boards, calls, casework, receiving, registration, visits
from services.intake.handlers.board_items import Choice
from services.intake.handlers.calls import Talk
from services.intake.site import read_site

SPACE = UUID("01563d2b-1c00-7000-8000-431023431023")
LINE = "duty"


class Doors:
    """The five doors of a running county, with the mail receiver at `smtp`."""

    def __init__(self, county: County, lots: Lots, smtp: int) -> None:
        self._county, self._lots, self._smtp = county, lots, smtp
        self._site = read_site(county.instance.settings)
        self._doors: dict[Channel, Callable[[Planned, Submission], UUID]] = {
            Channel.LETTER: self._letter, Channel.VISIT: self._visit, Channel.CALL: self._call, Channel.EMAIL: self._mail,
            Channel.POST: self._post,
        }  # fmt: skip
        self._mails: set[UUID] = set()

    def take(self, case: Planned, matter: words.Matter, place: str) -> UUID:
        """Register the petition, write its brief, accept it; the case's id."""
        given = self._submission(case, matter, place)
        case_id = self._doors[case.channel](case, given)
        with self._county.instance.unit_of_work("intake") as uow:
            clerk = self._county.people.clerk
            casework.supplement(
                uow, case_id, clerk, title=matter.title, brief=matter.brief, category=matter.category, place=place
            )
            casework.accept(uow, case_id, clerk)
        return case_id

    def _submission(self, case: Planned, matter: words.Matter, place: str) -> Submission:
        among = [*[Identity.NAMED] * 6, *[Identity.CONFIDENTIAL] * 3, Identity.ANONYMOUS]
        identity = self._lots.pick(among, "identity", case.name)
        who = words.petitioner(self._lots, identity, case.name)
        if case.article:
            who = Petitioner(alias=words.ARTICLE_ALIAS)
        return Submission(
            channel=case.channel, title=words.ARTICLE_TITLE if case.article else matter.title, text=matter.text,
            matter_type=MatterType.APPEAL, category=matter.category, place=place, identity=identity, petitioner=who,
        )  # fmt: skip

    # -- the doors --------------------------------------------------------------------------------------------------------
    def _letter(self, case: Planned, given: Submission) -> UUID:
        with self._county.instance.unit_of_work("intake") as uow:
            by = self._county.people.clerk.person
            return registration.register(uow, self._county.vault, given, key=uuid5(SPACE, case.name), by=by).case_id

    def _visit(self, case: Planned, given: Submission) -> UUID:
        """A ticket, called in, received by a leader in turn, and what was said turned into a case."""
        county, clerk, key = self._county, self._county.people.clerk, uuid5(SPACE, case.name)
        who = Visitor(name=given.petitioner.name, phone=given.petitioner.phone, matter=given.title)
        official = self._lots.pick((county.people.secretary.official, *county.people.leads), "receives", case.name)
        record = Record(outcome=Outcome.REGISTERED, said=given.text)
        unit_of_work = county.instance.unit_of_work
        with unit_of_work("intake") as uow:
            visit = visits.walk_in(uow, county.vault, who, None, inside=1, key=key, clerk=clerk).visit_id
        for action in ("call", "begin"):
            with unit_of_work("intake") as uow:
                visits.step(uow, visit, clerk, action)
        ending = Ending(record=record, official=official, submission=given)
        with unit_of_work("intake") as uow:
            _, receipt = receiving.record(uow, county.vault, visit, clerk, ending)
        if receipt is None:
            raise LookupError(f"{case.name}: a reception without a case")
        return receipt.case_id

    def _call(self, case: Planned, given: Submission) -> UUID:
        """The duty telephone was answered; whoever answered writes it up."""
        county, limits = self._county, self._site.telephone.limits
        talk = Talk(
            line=LINE, started_at=county.now - timedelta(minutes=20), outcome=CallOutcome.CASE, petition=given,
            phone=given.petitioner.phone,
        )  # fmt: skip
        with county.instance.unit_of_work("intake") as uow:
            key = uuid5(SPACE, case.name)
            receipt = calls.write_up(uow, county.vault, talk, key=key, viewer=county.people.clerk, limits=limits)
        if receipt is None:
            raise LookupError(f"{case.name}: a call without a case")
        return receipt.case_id

    def _mail(self, case: Planned, given: Submission) -> UUID:
        """Sent to the county's mail receiver, as anybody sends it."""
        message, name = EmailMessage(), given.petitioner.name or given.petitioner.alias
        message["From"] = f"{name} <p{uuid5(SPACE, case.name).hex[:12]}@example.org>"
        message["To"], message["Subject"], message["Message-ID"] = (
            "shuji@yongxing.example",
            given.title,
            f"<{case.name}@example.org>",
        )
        message["Date"] = self._county.now - timedelta(minutes=5)
        message.set_content(f"{given.text}\n{name}\n")
        with smtplib.SMTP(LOOPBACK, self._smtp, timeout=30) as server:
            server.send_message(message)
        found = {row[0] for row in self._county.query("SELECT id FROM intake.petition WHERE channel = 'email'")} - self._mails
        self._mails |= found
        (case_id,) = found
        return UUID(str(case_id))

    def _post(self, case: Planned, given: Submission) -> UUID:
        """Read on the forum that the county names; a clerk finds that it asks the county for something."""
        county, board = self._county, self._site.boards[0]
        post = Post(
            guid=case.name, url=f"https://forum.example/t/{case.name}", title=given.title, text=given.text,
            author=self._lots.pick(("夜归人", "新一中家长", "老街坊", "便江过客"), "author", case.name), posted_at=_earlier(county.now),
        )  # fmt: skip
        choice = Choice(title=given.title, matter_type=given.matter_type, category=given.category, place=given.place)
        with county.instance.unit_of_work("intake") as uow:
            boards.take_posts(uow, county.vault, board, [post])
        with county.instance.unit_of_work("intake") as uow:
            item = boards.key_of(county.vault, board.name, post)
            case_id, _ = board_items.register_item(
                uow, county.vault, item, county.people.clerk, revision=1, choice=choice, board_of=lambda _: board
            )
        return case_id


def _earlier(now: datetime) -> datetime:
    return now - timedelta(hours=9)
