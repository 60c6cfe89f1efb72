"""What the demo's county sets up for its five channels, and a day of them: calendar, roster, posts, calls, visitors."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from deploy.dev.county import County
from services.intake.domain.boards import Post
from services.intake.domain.call_reports import CallReport
from services.intake.domain.submission import CHINA
from services.intake.domain.visits import Visitor
from services.intake.handlers import boards, duty, reception, telephone, visits
from services.intake.site import duty_file, plan_file, read_site
from services.intake.vault.crypto import open_vault
from shared.contract.person import Person

DATA = Path(__file__).parent / "data"
SPACE = UUID("0158fb6c-2000-7000-8000-431023431023")
OFFICE = Person(official="o-431023-office-clerk", name="县委办", post="领导小组办公室", organisation="431023-office")
POSTS = (
    ("城关镇人民路的路灯坏了半个月", "晚上老人孩子出门看不见路，打过电话没人来修，请县里过问。", "夜归人", "2016-12-19 21:40"),
    ("便江风光带拍到的晚霞", "今天的晚霞真好看，分享给大家。", "摄影爱好者", "2016-12-19 18:05"),
    ("公交 3 路能不能延到新一中", "孩子每天要走两里路，家长都盼着。", "新一中家长", "2016-12-20 07:15"),
)
VISITORS = (
    Visitor(name="李大山", phone="13800000001", matter="宅基地纠纷，村里调解了三次没有结果"),
    Visitor(
        name="周桂兰", phone="13800000002", matter="外出务工的工资被拖欠", group_size=6, representatives=("周桂兰", "何小平")
    ),
)


class Channels:
    """Sets them up in a running county, whose intake has heard its directory."""

    def __init__(self, county: County) -> None:
        self._county = county.county
        self._vault = open_vault(county.county.folder / "keys")
        self._site = read_site(county.county.settings)

    def load(self) -> None:
        """Plan and roster, and what came in on the morning that the demo shows. Loaded again nothing changes."""
        with self._county.unit_of_work("intake") as uow:
            plan = plan_file.read_plan((DATA / "reception.yaml").read_text(encoding="utf-8"))
            reception.set_plan(uow, [entry.order for entry in plan], OFFICE)
        lines = self._site.telephone.lines
        with self._county.unit_of_work("intake") as uow:
            rows, wrong = duty_file.read((DATA / "duty.yaml").read_bytes(), as_csv=False)
            _, refused = duty.import_rows(uow, rows, lines)
            if wrong or refused:
                raise ValueError(f"duty.yaml: {[*wrong, *refused]}")
        self._posts()
        self._calls()
        self._visitors()

    def _posts(self) -> None:
        posts = [
            Post(guid=str(n), url=f"https://forum.example/t/{n}", title=title, text=text, author=author, posted_at=_at(when))
            for n, (title, text, author, when) in enumerate(POSTS, 1)
        ]
        with self._county.unit_of_work("intake") as uow:
            boards.take_posts(uow, self._vault, self._site.boards[0], posts)

    def _calls(self) -> None:
        """One missed call an hour ago, by a caller who did not wait."""
        with self._county.unit_of_work("intake") as uow:
            at = uow.now - timedelta(hours=1)
            for kind, later in (("ringing", 0), ("missed", 40)):
                telephone.take(
                    uow, self._vault, "duty", CallReport(
                        event_id=f"demo-{kind}", kind=kind, call_id="demo-1", at=at + timedelta(seconds=later), number="13800000009",
                        extension="", unknown=0, content=kind.encode(),
                    ), b"{}", self._site.telephone.limits,
                )  # fmt: skip

    def _visitors(self) -> None:
        """Booked for the next sessions that have room."""
        for who in VISITORS:
            with self._county.unit_of_work("intake") as uow:
                session = next(one.session for one in reception.public_openings(uow) if one.free)
                visits.book(uow, self._vault, who, session.id, key=uuid5(SPACE, who.name))


def _at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)
