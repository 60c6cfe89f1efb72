"""Files of every kind are read, or refused for a reason that can be told; whatever a file does, it does to its own process."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from services.intake.handlers.importing import MOST_IN_BATCH, batches
from services.intake.sheets import Unreadable, child, reader
from services.intake.sheets.reader import reading
from services.intake.sheets.text import encoding_of
from tests.corpus.intake.tables import (
    HEADINGS,
    MAIN,
    ROW,
    bomb,
    compound,
    inline,
    old_workbook,
    one_text_in_many_cells,
    opendocument,
    table,
    workbook,
)
from tests.integration.intake.import_lists import a_csv
from tests.unit.intake.a_prisoner import peak


def read(content: bytes, after: int = 0) -> list[tuple[int, list[str]]]:
    with reading([content[:7], content[7:]], after=after) as found:
        assert "原编号" in found.headings
        return list(found.rows)


def fault(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(content)
    return caught.value.code


def outcome(content: bytes) -> str:
    """`read`, or why not."""
    try:
        with reading([content]) as found:
            return f"read {len(list(found.rows))}"
    except Unreadable as fault:
        return fault.code


def text(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([",".join(HEADINGS), *rows]).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_in_the_encodings_and_with_the_delimiters_that_there_are(encoding, delimiter):
    words = "夜里排污，有“气味”; 第二段,\n第三段\t完"
    assert read(a_csv([[*ROW[:4], words]], HEADINGS, encoding=encoding, delimiter=delimiter)) == [(2, [*ROW[:4], words])]


def test_a_character_that_is_cut_by_a_piece_of_the_file_is_no_other_encoding():
    assert encoding_of(BytesIO(("井" * 400_000).encode())) == "utf-8-sig"
    assert encoding_of(BytesIO(("井" * 400_000).encode("gb18030"))) == "gb18030"


@pytest.mark.parametrize(
    "content",
    [workbook(table(ROW)), old_workbook([HEADINGS, ROW]), opendocument([HEADINGS, ROW]), text(",".join(ROW))],
    ids=["xlsx", "xls", "ods", "csv"],
)
def test_the_four_kinds_of_file_say_the_same(content):
    assert read(content) == [(2, list(ROW))]


def test_titles_above_and_blank_lines_between_cost_no_row_and_no_row_number():
    rows = (
        inline(1, ["永兴县2014年信访件一览表"])
        + table(ROW, first=3)
        + inline(9, ["", "", "", "  "])
        + inline(12, ["信2", *ROW[1:]])
    )
    assert [number for number, _ in read(workbook(rows))] == [4, 12]
    assert [number for number, _ in read(workbook(rows), after=4)] == [12]
    assert [number for number, _ in read(b"\xe6\xa0\x87\r\n\r\n" + text(",".join(ROW), ",,,,", ",".join(ROW)))] == [4, 6]


def test_numbers_and_dates_of_a_workbook_are_what_a_person_sees():
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d"/>'
        '<numFmt numFmtId="177" formatCode="0.00&quot;day&quot;_ "/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/><xf numFmtId="177"/><xf numFmtId="58"/></cellXfs></styleSheet>'
    )
    values = [("0", "20140017"), ("1", "42583"), ("2", "42583.5"), ("3", "42583"), ("4", "42583"), ("0", "13873512345"),
              ("0", "4.3012319800101798E+17"), ("0", "0.1"), ("0", "1.0"), ("1", "99999999")]  # fmt: skip
    cells = "".join(f'<c s="{style}"><v>{value}</v>\n</c>' for style, value in values)
    row = f'<row r="2">{cells}<c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1</f><v>=1+1</v></c></row>'
    content = workbook(inline(1, HEADINGS) + row, more={"xl/styles.xml": styles})
    assert read(content)[0][1] == [
        "20140017", "2016-08-01", "2016-08-01 12:00:00", "42583", "2016-08-01", "13873512345", "4.30123198001018E+17", "0.1", "1", "99999999",
        "是", "", "=1+1",
    ]  # fmt: skip
    mac = workbook(inline(1, HEADINGS) + row, more={"xl/styles.xml": styles}, epoch='<workbookPr date1904="1"/>')
    assert read(mac)[0][1][1] == "2020-08-02"


def test_shared_texts_keep_their_runs_and_lines_and_lose_what_tells_how_to_say_them():
    shared = f'<sst xmlns="{MAIN}"><si><r><t>井水</t></r>\n<r><t>发黑</t></r><rPh><t>jing</t></rPh></si><si><t>一_x000A_二_xD800_</t></si></sst>'
    row = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v> 9 </v></c><c r="B2" t="s"><v>1</v></c></row>'
    assert read(workbook(inline(1, HEADINGS) + row, more={"xl/sharedStrings.xml": shared})) == [
        (2, ["井水发黑", "一\n二_xD800_"])
    ]


def test_hidden_sheets_are_left_alone_and_the_first_sheet_with_headings_is_taken():
    secret = table(["不应导入", *ROW[1:]])
    sheets = workbook(secret, secret, inline(1, ["说明"]), table(ROW), states=["hidden", "veryHidden"])
    assert read(sheets) == [(2, list(ROW))]
    assert fault(workbook(secret, states=["hidden"])) == "empty"


def test_macros_are_neither_run_nor_in_the_way():
    assert read(workbook(table(ROW), more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 9})) == [(2, list(ROW))]


def test_a_sheet_that_claims_to_be_endless_costs_nothing():
    stray = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert read(workbook(table(ROW) + stray)) == [(2, list(ROW))]


def test_a_million_blank_rows_are_skipped():
    blank = "".join(f'<row r="{number}"><c r="A{number}" s="1"/></row>' for number in range(3, 1_000_003))
    assert read(workbook(table(ROW) + blank)) == [(2, list(ROW))]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"), (b"\x00" * 5000, "empty"), (b"\r\n\r\n", "empty"), (workbook(""), "empty"), (workbook(inline(1, ["别的"])), "no_headings"),
        (text().replace("原编号".encode(), b"x"), "no_headings"), (b"%PDF-1.4", "no_table"), (b"\x89PNG\r\n", "no_table"),
        (b"PK\x05\x06" + bytes(18), "no_table"),
        (b"<html><table><tr><td>1", "page"), (b"\xef\xbb\xbf<!DOCTYPE html>", "page"), (b'<?xml version="1.0"?><Workbook/>', "page"),
        (compound({"EncryptedPackage": b"x"}), "encrypted"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "broken"),
        (b"PK\x03\x04" + b"x" * 600, "broken"),
        (workbook(table(ROW))[:-400], "broken"), (workbook("<row><c>"), "broken"), (bytes(range(128, 256)) * 9, "encoding"),
        (b"\xff\xfe\x00\xd8", "encoding"),
        (text('信1,"来信,2024-08-01'), "quote"), (text('信1,"来"信,2024-08-01'), "quote"), (text('信1,"' + "长" * 1_000_001 + '"'), "quote"),
        (workbook(table(ROW), doctype='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "doctype"),
        (workbook(table(["&x;", *ROW[1:]]), doctype='<!DOCTYPE a [<!ENTITY x "y">]>'), "doctype"), (bomb(), "bomb"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_for_a_reason(content, code):
    assert fault(content) == code


def test_an_archive_that_asks_for_a_password_or_has_too_many_parts_is_refused():
    locked = bytearray(workbook(table(ROW)))
    at = locked.find(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert fault(bytes(locked)) == "encrypted"
    many = BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(10_001):
            archive.writestr(str(number), b"")
    assert fault(many.getvalue()) == "bomb"


def test_a_file_that_kills_its_reader_is_refused_and_nothing_else_dies(monkeypatch):
    monkeypatch.setattr(reader, "SANDBOX", replace(reader.SANDBOX, module="tests.integration.intake.a_dying_child"))
    assert [fault(kind) for kind in (b"kill", b"exit")] == ["too_large", "crashed"]


@pytest.mark.parametrize("at", range(0, 1400, 35))
def test_a_damaged_workbook_is_read_or_refused_and_never_crashes(at):
    content = bytearray(workbook(table(ROW)))
    content[at % len(content)] ^= 0xFF
    assert outcome(bytes(content)) != "crashed"


LONG_ROW, LONG_LIST = one_text_in_many_cells(2_000_000, rows=1000, columns=150), one_text_in_many_cells(250_000, rows=2000)


@pytest.mark.parametrize(("content", "code", "row"), [(LONG_ROW, "long_row", 2), (LONG_LIST, "bomb", 201)])
def test_one_long_text_in_many_cells_swells_nowhere(content, code, row):
    assert len(content) < 40_000
    assert 10 * 1024 < peak(reader.SANDBOX, content, "0") < 100 * 1024  # kB
    with pytest.raises(Unreadable) as caught, reading([content]) as found:
        assert max(sum(len(row[1][0]) for row in batch) for batch in batches(found.rows)) <= MOST_IN_BATCH
    assert (caught.value.code, caught.value.row) == (code, row)


def test_without_its_bound_the_row_fills_the_sandbox(monkeypatch):
    """The twin: what stands in the row would be handed over whole."""
    monkeypatch.setattr("services.intake.sheets.child.MOST_IN_ROW", 10**9)
    [_, [_, cells], _] = child.lines(BytesIO(one_text_in_many_cells(300_000, rows=1, columns=100)), 0)
    assert sum(map(len, cells)) == 30_000_000


def test_a_line_without_an_end_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(reader, "SANDBOX", replace(reader.SANDBOX, module="tests.integration.intake.a_dying_child"))
    monkeypatch.setattr(reader, "LONGEST_LINE", 1000)
    assert fault(b"talk") == "crashed"


def test_rows_are_taken_in_batches_of_so_many_and_of_so_much_text():
    rows = [(number, ["x" * weight]) for number, weight in enumerate((1, 1, 1, 9, 20, 3, 6, 2, 1))]
    assert [[len(cells[0]) for _, cells in batch] for batch in batches(rows, 3, 10)] == [[1, 1, 1], [9], [20], [3, 6], [2, 1]]


def test_more_text_than_may_be_held_at_once_is_refused(monkeypatch):
    monkeypatch.setattr("services.intake.sheets.xlsx.MOST_HELD", 5_000)
    shared = f'<sst xmlns="{MAIN}">' + "<si><t>井水</t></si>" * 100 + "</sst>"
    with pytest.raises(Unreadable) as caught:
        list(child.lines(BytesIO(workbook(table(ROW), more={"xl/sharedStrings.xml": shared})), 0))
    assert caught.value.code == "too_large"
