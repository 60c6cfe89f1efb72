"""Where pages point within themselves: what is wrong is named where it can be mended, and no two things share a name."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from services.intake.channels.taking import take
from tests.integration.intake import intake_attached
from tests.integration.intake.intake_cases import a_case, a_mail, post
from tests.integration.intake.thread_cases import FIRST, SITE, Sent, an_answer
from tests.unit.intake.intake_files import photo


def named_in(page: str) -> list[str]:
    return re.findall(r'\sid="([^"]+)"', page)


def pointed_at(page: str) -> set[str]:
    """What the summary of errors leads to."""
    [summary] = re.findall(r'<div class="error-summary".*?</div>', page, re.DOTALL)
    return set(re.findall(r'href="#([^"]+)"', summary))


@pytest.fixture
def files(intake, vault, browse):
    """The page of a petition with one file, and its clerk."""
    clerk, path = browse("clerk"), f"/intake/petitions/{a_case(intake, vault)}/attachments"
    assert post(clerk, path, {"files": intake_attached.sent(("a.jpg", photo()))}).status_code == 303
    return clerk, path


@pytest.mark.parametrize(
    ("form", "wrong", "fields"),
    [
        ("/open", {}, {"field-attachment", "field-open_purpose"}), ("/remove", {}, {"field-removed"}), ("/view", {}, {"field-purpose"}),
        ("/arrange", {"id": str(uuid4()), "order": "", "kind": "x"}, {"field-order", "field-kind.0"}), ("", {}, {"field-files"}),
        ("", {"file_kind": "x"}, {"field-file_kind"}),
    ],
)  # fmt: skip
def test_each_form_of_the_files_names_its_own_fields(files, form, wrong, fields):
    clerk, path = files
    page = post(clerk, f"{path}{form}", wrong)
    assert page.status_code == 422
    assert pointed_at(page.text) == fields
    names = named_in(page.text)
    assert fields <= set(names)
    assert len(names) == len(set(names))


def test_two_petitions_side_by_side_share_no_name(intake, vault, clerk, browse, sent: Sent):
    take(intake, vault, an_answer(In_Reply_To=FIRST), site=SITE)
    take(intake, vault, a_mail("<other@pc>"), site=SITE)
    take(intake, vault, an_answer("<again@pc>", In_Reply_To="<other@pc>"), site=SITE)
    with intake.unit_of_work() as uow:
        other = uow.one("SELECT number FROM petition WHERE id <> %(id)s", id=sent.case_id)
    page = browse("clerk").get(f"/intake/petitions/{sent.case_id}/link", query_string={"other": other["number"]}).text
    names = named_in(page)
    assert page.count("往来邮件</h2>") == 2
    assert len(names) == len(set(names))
