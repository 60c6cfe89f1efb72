"""Which page is open to whom, and in both languages."""

from __future__ import annotations

import pytest

from services.routing import handlers
from tests.integration.routing.world import (
    EPB,
    OFFICE,
    REPLY,
    SECRETARY,
    TOWN,
    instruct,
)


def test_without_signing_in_there_is_nothing_to_see(browser):
    one = browser()
    for page in ("review", "unanswered", "assignments", "replies", "refer-up", "directory"):
        assert one.get(f"/routing/{page}").path == "/sign-in", page
    for path in ("/desk", "/sign-in/password"):
        assert one.get(path).path == "/sign-in", path


@pytest.mark.parametrize(
    ("official", "closed"),
    [
        (EPB, ["/routing/review", "/routing/unanswered", "/routing/replies", "/routing/refer-up"]),
        (TOWN, ["/routing/review", "/routing/replies"]),
        (OFFICE, ["/routing/review", "/routing/unanswered"]),
        ("o-431023-xf-clerk", ["/routing/review", "/routing/assignments", "/routing/replies"]),
        ("o-431023-administrator", ["/routing/review", "/routing/assignments", "/routing/replies"]),
    ],
)
def test_a_page_is_closed_to_roles_that_it_does_not_name(browser, official, closed):
    one = browser(official)
    assert [one.get(path).status for path in closed] == [403] * len(closed)
    assert one.get("/routing/directory").status == 200


def test_every_page_can_be_drawn_in_both_languages(browser, county, case_id):
    one = browser(SECRETARY)
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
        handlers.object_to(uow, assignment, EPB, "不属我局")
    with county.work() as uow:
        handlers.reply(uow, assignment, EPB, **REPLY)
    pages = ["/routing/review", f"/routing/review?case={case_id}", "/routing/unanswered", "/routing/assignments",
             "/routing/assignments?tab=waiting&whose=unit", f"/routing/assignments/{assignment}",
             f"/routing/cases/{case_id}", "/routing/replies", "/routing/directory", "/sign-in/password"]  # fmt: skip
    for language in ("zh", "en"):
        for path in pages:
            join = "&" if "?" in path else "?"
            assert one.get(f"{path}{join}lang={language}").status == 200, path
