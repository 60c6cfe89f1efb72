"""Petitions that look alike, and what the tests of likeness look at."""

from __future__ import annotations

from uuid import UUID

import psycopg2

from services.intake.domain.submission import Petitioner
from services.intake.handlers import looking
from services.intake.handlers.likeness import suggest, take_up
from tests.integration.intake.intake_cases import a_case

WATER = "永兴造纸厂后半夜往十里洞的水渠里偷排黑水，村里的水井打上来发黄发臭，秧苗枯死，三十户人家要到山上挑水吃。"
AGAIN = "书记好。十里洞的水井到现在还是发黄发臭，三十户人家天天到山上挑水吃！永兴造纸厂照样后半夜偷排黑水。请派人来看看。"
WAGES = "我们七个人在碧塘公路工地干了半年，包工头电话关机，宏源建筑公司只发了生活费，过年回家的路费都是借的。"
SOMEBODY = Petitioner(name="陈十里", phone="13873512345")
OTHER = Petitioner(name="李梅", phone="13799990000")


def told(intake, vault, text: str, who: Petitioner = SOMEBODY, **changes) -> UUID:
    return a_case(intake, vault, **{"title": "请求过问", "text": text, "petitioner": who, "place": "431023104"} | changes)


def take_all_up(intake, vault) -> int:
    done = 0
    while True:
        with intake.unit_of_work() as uow:
            more = take_up(uow, vault)
        if not more:
            return done
        done += more


def suggested(intake, vault, case_id, viewer):
    with intake.unit_of_work() as uow:
        case, identifies = looking.open_petition(uow, case_id, viewer)
        return suggest(uow, vault, case, viewer, identifies=identifies)


def ids(found) -> list[UUID]:
    return [each.case_id for each in found]


def rows(settings, statement: str) -> list[tuple]:
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def waiting(settings) -> list[tuple[str, int]]:
    return rows(settings, "SELECT case_id::text, turn FROM intake.unshingled ORDER BY turn, case_id DESC")


def change(settings, statement: str, *params: object) -> None:
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute(statement, params)


def over(settings, case_id: UUID) -> None:
    """Archived long ago; the way there, through every stage, is not what is tested."""
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE intake.petition SET stage = 'archived', archived_at = now() - interval '90 years' WHERE id = %s",
            (str(case_id),),
        )
