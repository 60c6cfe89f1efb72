"""Long lists go page by page; who asks for a page past the end is shown the last one, and is not told that there is nothing."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from services.intake.channels.taking import take
from services.intake.handlers import looking
from services.intake.store import PastEnd
from tests.integration.intake.import_lists import a_csv, a_row, imported
from tests.integration.intake.intake_cases import a_case


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/intake/desk?queue=&channel=email", "clerk"), ("/intake/unread?", "clerk"), ("/intake/imports?", "clerk"),
        ("/intake/looks?what=text", "auditor"),
    ],
)  # fmt: skip
def test_past_the_end_the_last_page_is_shown_under_the_same_filters(browse, intake, vault, path, role):
    case_id = a_case(intake, vault)
    browse("clerk").get(f"/intake/petitions/{case_id}")
    take(intake, vault, b"")
    imported(intake, vault, a_csv([a_row("17")]))
    for asked in (2, 100_000):
        answer = browse(role).get(f"{path}&page={asked}")
        assert answer.status_code == 302
        there = urlsplit(answer.headers["Location"])
        assert parse_qs(there.query) == {"page": ["1"]} | parse_qs(urlsplit(path).query)
        assert browse(role).get(answer.headers["Location"]).status_code == 200


def test_a_list_without_a_row_has_no_last_page(browse):
    assert browse("clerk").get("/intake/unread?page=7").status_code == 200


def test_a_page_past_the_end_counts_what_the_reader_may_see_alone(intake, vault, clerk, hear):
    cases = [a_case(intake, vault) for _ in range(3)]
    bar = {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-22T02:00:00.000Z"}
    hear("case.barred", cases[0], bar)
    with intake.unit_of_work() as uow, pytest.raises(PastEnd) as fault:
        looking.desk(uow, clerk, looking.Desk(size=1, page=9))
    assert fault.value.last == 2
