"""Handwriting and dictation beside an instruction: taken in bare, kept whatever becomes of the form, seen by whoever may, each look noted."""

from __future__ import annotations

import hashlib
import io
from uuid import UUID, uuid4

import psycopg2
import pytest
from PIL import Image

from services.routing import pictures
from services.routing.domain.enclosures import LARGEST, MOST
from services.routing.handlers import enclosures
from shared.errors import Conflict, Forbidden, Refused
from tests.integration.routing.test_confidential import AUDITOR, OFFICER
from tests.integration.routing.world import EPB, MATIAN, OFFICE, SECRETARY, TOWN, VICE, Instance, instruct
from tests.unit.routing.test_routing_enclosures import recording

CANARY = b"CANARY-IN-HANDWRITING"


def photo(size: tuple[int, int] = (40, 30), form: str = "JPEG", colour: str = "white") -> bytes:
    """A telephone's photograph with place, author and comment, turned by a quarter."""
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = CANARY.decode(), 6
    exif.get_ifd(34853).update({1: "N", 2: (26.0, 7.0, 38.0)})
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form, exif=exif, **({"comment": CANARY} if form == "JPEG" else {}))
    return out.getvalue() + (CANARY if form == "JPEG" else b"")


def form_of(one, *files: bytes, **more):
    """The review's form as a browser sends it."""
    form = {
        "instruction_id": one.hidden("instruction_id"),
        "text": "请按附件办理。",
        "case_class": "ordinary",
        "addressees": [EPB],
    } | more
    return form | {"files": [(io.BytesIO(content), "张三家的门口.jpg") for content in files]}


@pytest.fixture
def head(browser, case_id: UUID):
    return browser(SECRETARY).get(f"/routing/review?case={case_id}")


def test_a_photograph_and_a_dictation_go_with_the_instruction_bare_and_told_by_name_and_digest(head, county: Instance, case_id):
    head.post(f"/routing/review/{case_id}", **form_of(head, photo(), recording()))
    assert "已交办" in head.page
    kept = county.query("SELECT name, kind, form, sha256, content FROM enclosure ORDER BY position")
    assert [(row["name"], row["kind"], row["form"]) for row in kept] == [
        ("手写批示1.jpg", "picture", "jpeg"), ("口述批示1.m4a", "sound", "m4a"),
    ]  # fmt: skip
    picture = Image.open(io.BytesIO(bytes(kept[0]["content"])))
    assert (picture.size, dict(picture.getexif()), CANARY in bytes(kept[0]["content"])) == ((30, 40), {}, False)
    for name in ("case.instructed", "assignment.issued"):
        told = county.told(name)[0].data["enclosures"]
        assert [one["sha256"] for one in told] == [hashlib.sha256(bytes(row["content"])).hexdigest() for row in kept]
        assert "张三" not in str(told)


def test_whoever_may_read_the_instruction_sees_and_hears_it_and_each_look_is_noted(head, browser, county, case_id):
    head.post(f"/routing/review/{case_id}", **form_of(head, photo(), recording()))
    first, second = [row["id"] for row in county.query("SELECT id FROM enclosure ORDER BY position")]
    for official in (EPB, OFFICER, OFFICE, AUDITOR):
        answer = browser(official).client.get(f"/routing/enclosures/{first}")
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    for official in (MATIAN, VICE):
        assert browser(official).get(f"/routing/enclosures/{first}").status == 404
    one = browser(EPB)
    part = one.client.get(f"/routing/enclosures/{second}", headers={"Range": "bytes=0-7"})
    assert (part.status_code, part.mimetype, len(part.data)) == (206, "audio/mp4", 8)
    page = one.get(f"/routing/assignments/{county.assignment(case_id, EPB)}").page
    assert f'src="/routing/enclosures/{first}"' in page
    assert "<audio" in page
    given = county.query("SELECT id FROM instruction")[0]["id"]
    assert f'src="/routing/enclosures/{first}"' in one.get(f"/routing/instructions/{given}/print").page
    log = browser(AUDITOR).get("/routing/enclosure-looks?official=" + EPB).page
    assert "手写批示1.jpg" in log
    assert "口述批示1.m4a" in log
    noted = county.query("SELECT official, times FROM enclosure_look WHERE enclosure_id = %(id)s ORDER BY official", id=first)
    assert {row["official"] for row in noted} == {EPB, OFFICER, OFFICE, AUDITOR}
    browser(EPB).client.get(f"/routing/enclosures/{first}")
    assert county.query(
        "SELECT times FROM enclosure_look WHERE enclosure_id = %(id)s AND official = %(me)s", id=first, me=EPB
    ) == [{"times": 2}]


def test_of_a_confidential_instruction_nobody_else_sees_it(head, browser, county, case_id):
    head.post(f"/routing/review/{case_id}", **form_of(head, photo(), confidential="true"))
    [row] = county.query("SELECT id FROM enclosure")
    for official in (OFFICER, AUDITOR):
        assert browser(official).get(f"/routing/enclosures/{row['id']}").status == 403
    assert browser(EPB).client.get(f"/routing/enclosures/{row['id']}").status_code == 200


def test_what_was_handed_in_is_kept_while_the_form_is_refused_and_waits_for_its_author_alone(head, browser, county, case_id):
    head.post(f"/routing/review/{case_id}", **form_of(head, photo(), text=" "))
    assert head.status == 422
    assert "也须打上至少一行字" in head.page
    [row] = county.query("SELECT id, instruction_id FROM enclosure")
    assert row["instruction_id"] is None
    assert f'name="enclosures" value="{row["id"]}" checked' in head.page
    assert head.client.get(f"/routing/enclosures/{row['id']}").status_code == 200
    assert browser(OFFICE).get(f"/routing/enclosures/{row['id']}").status == 404
    head.post(f"/routing/review/{case_id}", **form_of(head, enclosures=[str(row["id"])]))
    assert county.query("SELECT id FROM enclosure WHERE instruction_id IS NOT NULL") == [{"id": row["id"]}]


def test_what_is_unticked_is_let_go_and_the_same_file_twice_is_one(head, county, case_id):
    for _ in range(2):
        head.post(f"/routing/review/{case_id}", **form_of(head, photo(), text=""))
    assert len(county.query("SELECT id FROM enclosure")) == 1
    head.post(f"/routing/review/{case_id}", **form_of(head))
    assert county.query("SELECT id FROM enclosure") == []
    assert county.told("case.instructed")[0].data["enclosures"] == []


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7", b"\xff\xd8\xffbroken", b"\x89PNG\r\n\x1a\n" + bytes(40), recording(of=b"vide"), b"\xff\xfb" + bytes(LARGEST)],
    ids=["pdf", "broken photograph", "broken picture", "film", "large"],
)  # fmt: skip
def test_anything_else_is_refused_beside_its_field_and_changes_nothing(head, county, case_id, content):
    head.post(f"/routing/review/{case_id}", **form_of(head, content))
    assert head.status == 422
    assert 'id="error-enclosures"' in head.page
    assert "请按附件办理。" in head.page
    assert (county.query("SELECT id FROM enclosure"), county.told("case.instructed")) == ([], [])


def test_only_who_instructs_here_hands_in_and_no_more_than_six(county, township, case_id):
    found = enclosures.prepare([photo(colour=colour) for colour in ("white", "red", "green", "blue", "black", "grey", "pink")])
    for nobody in (OFFICE, EPB, VICE):
        with pytest.raises(Forbidden), county.work() as uow:
            enclosures.keep(uow, case_id, nobody, found[:1])
    with pytest.raises(Refused), county.work() as uow:
        enclosures.keep(uow, case_id, SECRETARY, found)
    with county.work() as uow:
        assert len(enclosures.keep(uow, case_id, SECRETARY, found[:MOST])) == MOST
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    with pytest.raises(Conflict), township.work() as uow:
        enclosures.keep(uow, case_id, TOWN, found[:1])
    with pytest.raises(Refused):
        instruct(county, case_id, MATIAN, enclosures=[uuid4()])


def test_below_names_and_digests_are_shown_and_the_files_stay_above(head, county, township, case_id):
    head.post(f"/routing/review/{case_id}", **form_of(head, photo(), addressees=[TOWN]))
    county.carry_to(township)
    [row] = township.query("SELECT enclosures FROM instruction")
    assert [one["name"] for one in row["enclosures"]] == ["手写批示1.jpg"]
    assert township.query("SELECT id FROM enclosure") == []


def test_what_was_given_is_never_edited(head, county, case_id):
    head.post(f"/routing/review/{case_id}", **form_of(head, photo()))
    for statement in ("UPDATE enclosure SET content = 'x'", "UPDATE enclosure SET name = 'x'", "DELETE FROM enclosure"):
        with pytest.raises(psycopg2.errors.RaiseException, match="never edited"), county.work() as uow:
            uow.all(statement)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_drawn_anew_upright_and_no_larger_than_it_is_shown(form):
    drawn = Image.open(io.BytesIO(pictures.drawn_anew(photo((3000, 2000), form))))
    assert (drawn.format, max(drawn.size), dict(drawn.getexif())) == ("JPEG", 2000, {})
    assert drawn.size[0] < drawn.size[1]


def test_drawing_anew_is_what_takes_the_place_out(head, county, case_id, monkeypatch):
    """The twin: a photograph that is kept as it came tells place and author."""
    monkeypatch.setattr(pictures, "drawn_anew", lambda content: content)
    head.post(f"/routing/review/{case_id}", **form_of(head, photo()))
    assert CANARY in bytes(county.query("SELECT content FROM enclosure")[0]["content"])


def test_a_picture_of_too_many_points_is_not_decoded():
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    with pytest.raises(pictures.CannotDraw):
        pictures.drawn_anew(out.getvalue())
