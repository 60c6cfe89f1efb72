"""Files of a petition: their names, their order, what the scanner's word does, and who sees their pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.domain import attachment as domain
from services.intake.domain.attachment import Attachment, Kind, Scan
from services.intake.domain.submission import Identity
from services.intake.domain.viewing import check_sees_copies
from shared.errors import Forbidden, Refused
from tests.unit.intake.intake_builders import CASE, CLERK, NOW, a_viewer


def an_attachment(**changes: Any) -> Attachment:
    given: dict[str, Any] = {
        "id": uuid4(), "case_id": CASE, "position": 1, "kind": Kind.SCAN, "form": "jpeg", "size": 9, "pages": 1, "macros": False,
        "unreadable": False, "name": b"", "stored": "0" * 64, "scan": Scan.NONE, "finding": "", "added_at": NOW, "added_by": None,
    }  # fmt: skip
    return Attachment(**given | changes)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("来信.pdf", "来信.pdf"), ("../../etc/passwd", "passwd"), ("C:\\信访\\来信.pdf", "来信.pdf"), ("a\x00b.pdf", "ab.pdf"),
        ("来信\u202efdp.exe", "来信fdp.exe"), ("来\u200b信.pdf", "来信.pdf"), ("a\ud800b.pdf", "ab.pdf"), ("a\r\nb.pdf", "ab.pdf"),
        (" 我的  来信 .pdf ", "我的 来信 .pdf"),
        ("", "附件"), ("..", "附件"), ("///", "附件"), (".bashrc", "bashrc"), ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
        ("长" * 300, "长" * 200), ("a." + "长" * 300, "a." + "长" * 198),
    ],
)  # fmt: skip
def test_a_name_is_cleaned_of_what_makes_it_read_as_another(given, name):
    assert domain.clean_name(given) == name


def test_a_virus_once_found_stays_found():
    found = domain.after_scan(an_attachment(scan=Scan.WAITING, scan_at=NOW), Scan.INFECTED, "Test.Eicar", now=NOW)
    assert (found.scan, found.finding, found.scan_at) == (Scan.INFECTED, "Test.Eicar", None)
    assert domain.after_scan(found, Scan.CLEAN, now=NOW) is found
    with pytest.raises(Refused, match="病毒"):
        domain.check_open(found)
    domain.check_open(domain.after_scan(an_attachment(), Scan.CLEAN, now=NOW))


@pytest.mark.parametrize(
    ("verdict", "due"), [(Scan.NONE, NOW), (Scan.WAITING, NOW), (Scan.CLEAN, None), (Scan.INFECTED, None), (Scan.OVERSIZE, None)]
)
def test_a_scan_is_owed_to_what_no_scanner_has_seen(verdict, due):
    seen = domain.after_scan(an_attachment(scan_at=NOW), verdict, now=NOW)
    assert (seen.scan_at, seen.scan_tries) == (due, 0)


def test_what_the_scanner_does_not_finish_comes_back_ever_later_and_then_no_more():
    file, waits = an_attachment(scan=Scan.WAITING), []
    while True:
        file = domain.after_scan(file, Scan.FAILED, now=NOW)
        if file.scan_at is None:
            break
        assert file.scan_at
        waits.append(file.scan_at - NOW)
    assert tuple(waits) == domain.AGAIN
    assert list(waits) == sorted(set(waits))
    assert file.scan is Scan.FAILED


def test_a_file_whose_bytes_cannot_be_had_waits_ever_longer_and_never_for_good():
    file, waits = an_attachment(scan=Scan.WAITING, scan_at=NOW), []
    for _ in range(7):
        file = domain.put_off(file, now=NOW)
        assert file.scan_at
        waits.append(file.scan_at - NOW)
    assert tuple(waits) == (*domain.AGAIN, domain.AGAIN[-1], domain.AGAIN[-1])
    assert file.scan is Scan.WAITING


def test_a_case_does_not_hold_more_files_than_anybody_reads():
    domain.check_room(499, 1)
    with pytest.raises(Refused, match="500"):
        domain.check_room(499, 2)


def three() -> list[Attachment]:
    return [an_attachment(id=UUID(int=n), position=n) for n in (1, 2, 3)]


def test_pages_go_where_their_numbers_say_and_only_what_moves_is_written():
    moved = domain.arrange(three(), {UUID(int=1): 3, UUID(int=3): 1}, {})
    assert {(row.id.int, row.position) for row in moved} == {(3, 1), (1, 3)}


def test_equal_numbers_keep_the_old_order_and_a_kind_is_changed():
    assert domain.arrange(three(), {UUID(int=n): 7 for n in (1, 2, 3)}, {}) == []
    [changed] = domain.arrange(three(), {}, {UUID(int=2): Kind.ENVELOPE})
    assert (changed.id.int, changed.position, changed.kind) == (2, 2, Kind.ENVELOPE)


@pytest.mark.parametrize(("places", "kinds"), [({UUID(int=9): 1}, {}), ({}, {UUID(int=9): Kind.SCAN})])
def test_a_file_of_another_case_is_not_arranged(places, kinds):
    with pytest.raises(Refused, match="清单已经变了"):
        domain.arrange(three(), places, kinds)


def test_what_is_taken_off_the_list_says_who_did_it_and_comes_back():
    removed = domain.remove(an_attachment(), by=CLERK, now=NOW)
    assert (removed.removed_at, removed.removed_by) == (NOW, CLERK)
    assert domain.remove(removed, by=replace(CLERK, name="别人"), now=NOW) is removed
    assert domain.put_back(removed).removed_at is None


@pytest.mark.parametrize(
    ("roles", "of_instance", "identity", "sees"),
    [
        (("leader",), True, Identity.NAMED, True), (("leader",), True, Identity.CONFIDENTIAL, False),
        (("first_in_command",), True, Identity.ANONYMOUS, False), (("followup",), True, Identity.CONFIDENTIAL, False),
        (("clerk",), True, Identity.CONFIDENTIAL, True), (("office",), True, Identity.ANONYMOUS, True),
        (("clerk",), False, Identity.ANONYMOUS, False),
    ],
)  # fmt: skip
def test_pages_of_who_is_not_named_are_for_clerks_and_the_office(roles, of_instance, identity, sees):
    viewer = a_viewer(*roles, of_instance=of_instance)
    if sees:
        check_sees_copies(viewer, identity)
    else:
        with pytest.raises(Forbidden):
            check_sees_copies(viewer, identity)
