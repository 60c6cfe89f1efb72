"""An intake whose clock the test sets: receptions are about days and hours. Officials, and the plan that most tests begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from flask import Flask

from deploy.dev.database import Database as Server
from services.intake.domain.planning import rule_order
from services.intake.domain.reception import RuleKind, sessions
from services.intake.handlers.reception import set_plan
from services.intake.store import reception_plan
from services.intake.vault.crypto import Vault, open_vault
from shared import keys
from shared.config import Settings
from shared.database import Database
from shared.migrate import migrate
from shared.web.server import build
from tests.integration.intake.intake_bus import CLERK, ORG
from tests.integration.intake.intake_cases import post
from tests.integration.intake.reception.reception_cases import MONDAY, ROTA, RULE, a_booking
from tests.renewal import remember, renew

PEOPLE = (
    ("o-secretary", "赵宇", "县委书记", "431023", "first_in_command"), ("o-a", "唐立新", "副县长", "431023-gov", "leader"),
    ("o-b", "罗静", "副县长", "431023-gov", "leader"), ("o-c", "何正平", "县纪委书记", "431023-cdi", "leader"),
)  # fmt: skip


@pytest.fixture(scope="session")
def settings(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    url = database.create("reception_tests")
    folder = tmp_path_factory.mktemp("reception-keys")
    keys.make(folder)
    found = Settings(
        org=ORG, name="永兴县", name_en="Yongxing County", services=("intake",), amqp_uris={}, database_url=url,
        database_urls={"intake": url.replace(url.split("@")[0], "postgresql://intake:secret")}, keys=folder,
        secure_cookies=False, simulated=True,
    )  # fmt: skip
    migrate(found)
    remember(found.database_url)
    return found


@pytest.fixture(scope="session")
def vault(settings: Settings) -> Vault:
    return open_vault(settings.keys)


@pytest.fixture(scope="session")
def site(settings: Settings) -> Flask:
    return build(settings)


@pytest.fixture
def clock(settings: Settings) -> Callable[[str], None]:
    """Set the time, as the wall clock of Shanghai shows it."""

    def clock(text: str) -> None:
        with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
            cursor.execute("DELETE FROM platform.simulated_clock")
            cursor.execute(
                "INSERT INTO platform.simulated_clock (instant) VALUES (%s::timestamp AT TIME ZONE 'Asia/Shanghai')", [text]
            )

    return clock


@pytest.fixture
def intake(settings: Settings, clock: Callable[[str], None]) -> Iterator[Database]:
    """Intake's database on Monday 2016-11-07 at 8:30, emptied before each test."""
    renew(settings.database_url)
    clock("2016-11-07 08:30")
    found = Database(settings.service_url("intake"), service="intake", org=ORG, simulated=True)
    yield found
    found.close()


@pytest.fixture
def people(hear: Callable[..., None]) -> None:
    """The county's leaders, as routing told of them."""
    for official, name, title, organisation, role in PEOPLE:
        post = {"organisation": organisation, "title": title, "roles": [role]}
        hear("directory.official_recorded", uuid4(), {"official": official, "name": name, "active": True, "posts": [post]})


@pytest.fixture
def plan(intake: Database, people: None) -> None:
    """The secretary on Mondays 9:00-10:00 (four places), three leaders in turn on Tuesdays."""
    common: dict[str, Any] = {"starts": time(9), "ends": time(10), "from_on": MONDAY}
    with intake.unit_of_work() as uow:
        set_plan(
            uow,
            [
                rule_order(RuleKind.FIXED, ["o-secretary"], [1], id=RULE, room="一号接访室", **common),
                rule_order(RuleKind.ROTA, ["o-a", "o-b", "o-c"], [2], id=ROTA, room="二号接访室", **common),
            ],
            CLERK,
        )


@pytest.fixture
def session(intake: Database, plan: None) -> Callable[[date], UUID]:
    """The id of the session that is held on a day."""

    def session(day: date) -> UUID:
        with intake.unit_of_work() as uow:
            [found] = sessions(reception_plan(uow), day, day)
        return found.id

    return session


@pytest.fixture
def here(browse, intake, vault, session, clock):
    """Somebody who is booked for today, has come, was called and is inside; the clerk and the visit's id."""

    def here(**more: Any):
        visit_id = a_booking(intake, vault, session(MONDAY), **more)
        clerk = browse("clerk")
        assert post(clerk, f"/intake/visits/{visit_id}/check-in", {"inside": "1"}).status_code == 303
        for action in ("call", "begin"):
            assert post(clerk, f"/intake/visits/{visit_id}/step", {"action": action}).status_code == 303
        return clerk, visit_id

    return here
