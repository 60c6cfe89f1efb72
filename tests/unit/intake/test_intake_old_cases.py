"""A row of an old list: what is read from it, whatever a spreadsheet made of it, and everything that is wrong with it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from services.intake.domain.categories import Entry, Tree
from services.intake.domain.cells import Row, as_written, read_moment, row_of
from services.intake.domain.headings import HEADINGS, REQUIRED, Column, plain, read_headings
from services.intake.domain.old_cases import Known, OldCase, names_of, read_row, typed
from services.intake.domain.submission import CHINA, Channel, Identity, MatterType
from tests.unit.intake.intake_builders import NOW

GOOD = {
    Column.NUMBER: "信2016-17", Column.CHANNEL: "来信", Column.RECEIVED: "2016-08-01", Column.TITLE: "井水发黑", Column.TEXT: "造纸厂排污。",
    Column.NAME: "陈十里", Column.PHONE: "13873512345",
}  # fmt: skip
TREE = Tree((
    Entry(code="environment", zh="生态环境", en="Environment"), Entry(code="environment.water", zh="水污染", en="Water pollution"),
    Entry(code="environment.other", zh="其他", en="Other"), Entry(code="other", zh="其他", en="Other", until=NOW.date()),
))  # fmt: skip
KNOWN = Known(places={"431023104": "431023104", "柏林镇": "431023104"}, categories=names_of(TREE))


def read(others: dict[str, str] | None = None, **changes: str) -> tuple[OldCase | None, Row]:
    cells = GOOD | {Column(name): text for name, text in changes.items()}
    row = Row(cells=cells, others=others or {})
    return read_row(row, source="旧系统", known=KNOWN, now=NOW), row


def good(**changes: str) -> OldCase:
    old, row = read(None, **changes)
    assert old is not None, [str(fault) for fault in row.faults]
    return old


def wrong(**changes: str) -> list[str]:
    old, row = read(None, **changes)
    assert old is None
    return [str(fault.field) for fault in row.faults]


def day(*date: int) -> datetime:
    return datetime(*date, tzinfo=CHINA)  # type: ignore[arg-type, misc]


# -- headings ---------------------------------------------------------------------------------------------------------
def test_the_template_is_understood_in_both_languages():
    for at in (0, 1):
        found = read_headings([names[at] for names in HEADINGS.values()])
        assert found is not None
        assert (list(found.columns), found.others, found.missing, found.doubled) == (list(Column), {}, (), ())


def test_no_heading_means_two_columns():
    owners = Counter(heading for names in HEADINGS.values() for heading in {plain(name) for name in names})
    assert [heading for heading, count in owners.items() if count > 1] == []


def test_headings_are_known_however_they_are_decorated():
    found = read_headings([" *原编号（必填） ", "渠 道:", "RECEIVED_ON", "", "备注", "备注", "标题", "标题*", "行号", "Error"])
    assert found is not None
    assert found.columns == {Column.NUMBER: 0, Column.CHANNEL: 1, Column.RECEIVED: 2, Column.TITLE: 6}
    assert found.others == {"备注": 4, "备注 (6)": 5}
    assert (found.missing, found.doubled) == ((Column.TEXT,), (Column.TITLE,))


@pytest.mark.parametrize("cells", [[], ["永兴县2014年信访件一览表"], ["原编号"], ["标题", "内容"]])
def test_a_row_of_something_else_is_no_row_of_headings(cells):
    assert read_headings(cells) is None


# -- cells ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-8-1", day(2016, 8, 1)), ("2016/8/1", day(2016, 8, 1)), ("2016.08.01", day(2016, 8, 1)), ("2016年8月1日", day(2016, 8, 1)),
        ("2016 年 8 月 1 日", day(2016, 8, 1)), ("20160801", day(2016, 8, 1)), ("42583", day(2016, 8, 1)), ("42583.5", day(2016, 8, 1, 12)),
        ("2016-08-01 09:30:15", day(2016, 8, 1, 9, 30, 15)), ("2016-08-01T09:30", day(2016, 8, 1, 9, 30)), ("2016/2/29", day(2016, 2, 29)),
        ("2015/2/29", None), ("0000-00-00", None), ("0001-01-01", day(1, 1, 1)), ("9999-12-31", day(9999, 12, 31)), ("16-8-1", None),
        ("2016", None), ("2016-13-01", None), ("八月一日", None), ("99999999", None), ("2016-08-01 25:00", None), ("1.5E+10", None),
    ],
)  # fmt: skip
def test_dates_are_read_as_people_and_spreadsheets_write_them(text, moment):
    assert read_moment(text) == moment


def test_a_row_is_its_cells_by_column_or_by_heading_as_they_were_written():
    headings = read_headings(["原编号", "电话", "备注", "标题"])
    assert headings is not None
    row = row_of(headings, ["17", "'+86 138", "'=1+1"])
    assert (row.cells, row.others) == ({Column.NUMBER: "17", Column.PHONE: "+86 138"}, {"备注": "=1+1"})


@pytest.mark.parametrize(
    ("cell", "text"),
    [("'+86 138", "+86 138"), ("'=1+1", "=1+1"), ("''=1", "'=1"), ("'word", "'word"), ("=1", "=1"), ("", ""), ("'", "'")],
)
def test_the_mark_against_formulas_comes_off_again(cell, text):
    assert as_written(cell) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [("信访【2014】17号", " 信访〔2014〕17号"), ("信访(2014) 17", "信访（2014）　17"), ("ＸＦ１７", "xf17"), ("17", "17 ")],
)
def test_a_number_is_the_same_however_it_is_typed(text, same):
    assert typed(text) == typed(same)


@pytest.mark.parametrize(("text", "other"), [("旧系统(2014)", "旧系统(2016)"), ("17-1", "171"), ("17 1", "171"), ("17*", "17")])
def test_what_is_in_brackets_and_between_digits_tells_two_apart(text, other):
    assert typed(text) != typed(other)


# -- a row ------------------------------------------------------------------------------------------------------------
def test_an_open_case_goes_the_way_of_a_new_one_and_keeps_its_day_of_receipt():
    old = good(unit="环保局", registered_on="2016-08-03", group_size="12人")
    given = old.submission
    assert (old.number, old.finished, old.registered_at) == ("信2016-17", False, NOW)
    assert (given.channel, given.received_at, given.group_size) == (Channel.LETTER, day(2016, 8, 1), 12)
    assert (given.identity, given.petitioner.name) == (Identity.CONFIDENTIAL, "陈十里")
    assert given.particulars == {
        "old_system": "旧系统",
        "old_number": "信2016-17",
        "old_unit": "环保局",
        "old_registered_on": "2016-08-03",
    }


def test_a_closed_case_brings_its_conclusion_and_the_day_of_its_registration():
    old = good(
        registered_on="2016-08-03",
        concluded_on="2016-08-20",
        closed_on="2016-09-01",
        outcome="支持",
        answer="已取缔。",
        satisfied="否",
    )
    assert (old.finished, old.registered_at, old.outcome, old.answer) == (True, day(2016, 8, 3), "supported", "已取缔。")
    assert (old.concluded_at, old.closed_at) == (day(2016, 8, 20), day(2016, 9, 1))
    assert ("satisfied", "否") in old.submission.petitioner.remarks
    assert "old_answer" not in old.submission.particulars


@pytest.mark.parametrize(
    ("changes", "finished"),
    [
        ({"concluded_on": "2016-08-20"}, True), ({"concluded_on": "2016-08-20", "satisfied": "满意"}, True),
        ({"concluded_on": "2016-08-20", "satisfied": "不满意"}, False), ({"closed_on": "2016-08-20"}, True), ({"outcome": "支持"}, False),
    ],
)  # fmt: skip
def test_a_case_is_over_when_it_was_closed_or_concluded_to_satisfaction(changes, finished):
    old = good(answer="已答复。", **changes)
    assert old.finished is finished
    assert (old.concluded_at is not None, old.closed_at is not None) == (finished, finished)
    assert ("old_answer" in old.submission.particulars) is not finished
    if finished:
        assert old.registered_at == day(2016, 8, 1)


def test_what_the_unit_must_not_read_is_sealed_with_the_identity():
    old, row = read(others={"备用电话": "13900000000\x00"}, satisfied="否", category="水", outcome="办了")
    assert old is not None
    assert dict(old.submission.petitioner.remarks) == {
        "备用电话": "13900000000",
        "satisfied": "否",
        "category": "水",
        "outcome": "办了",
    }
    assert [str(warning.field) for warning in row.warnings] == ["outcome", "category"]
    assert "否" not in old.submission.particulars.values()


def test_codes_are_understood_in_chinese_in_english_and_as_codes():
    given = good(channel="Call", matter_type="求决", category="environment.water", identity="NAMED", place="柏林镇").submission
    assert (given.channel, given.matter_type, given.category) == (Channel.CALL, MatterType.APPEAL, "environment.water")
    assert (given.identity, given.place, given.place_detail) == (Identity.NAMED, "431023104", "")
    assert good(place="431023104201").submission.place == "431023104201"  # one of its villages


@pytest.mark.parametrize(
    ("words", "code"),
    [("生态环境", "environment"), ("水污染", "environment.water"), ("生态环境 / 水污染", "environment.water"), ("Water Pollution", "environment.water"),
     ("其他", "other")],
)  # fmt: skip
def test_a_category_is_known_by_each_of_its_names_and_a_retired_one_too(words, code):
    assert good(category=words).submission.category == code


def test_a_place_that_nobody_knows_is_kept_as_the_place_in_detail():
    old, row = read(place="十里洞", place_detail="七组")
    assert old is not None
    assert (old.submission.place, old.submission.place_detail) == ("", "十里洞 七组")
    assert [str(warning.field) for warning in row.warnings] == ["place"]


@pytest.mark.parametrize(
    "digits", ["13873512345", "013873512345", "07355522110", "431023104", "552211", "430103", "４３１０２３１０４２０１"]
)
def test_digits_that_are_nobody_knows_what_are_sealed_and_stand_in_no_code(digits):
    known = Known(places={"431023105": "431023105"}, categories={})
    old = read_row(Row(cells=GOOD | {Column.PLACE: digits}), source="旧系统", known=known, now=NOW)
    assert old is not None
    assert (old.submission.place, old.submission.place_detail) == ("", digits)


def test_a_title_is_cut_from_a_brief_that_is_clean_already():
    """Cut first, the title would end in half a name or number, which nobody finds any more."""
    brief = "造纸厂夜里排污，村里三十户人喝不上水。信访人是陈十里，电话13873512345。"
    for start in range(brief.index("陈") + 1):
        given = good(brief=brief[start:]).submission
        assert not any(piece in given.brief_title + given.brief for piece in ("陈", "十里", "138", "12345"))
    assert good(brief="厂" * 28 + "陈十里反映").submission.brief_title == "厂" * 28 + "＊＊"


@pytest.mark.parametrize(
    ("column", "cell", "words", "clean"),
    [
        ("name", "陈十里、李小四", "李小四和陈十里反映", "＊＊＊和＊＊＊反映"), ("name", "陈十里 李小四", "李小四反映", "＊＊＊反映"),
        ("name", "陈十里;李小四等5人", "李小四等人反映", "＊＊＊等人反映"), ("name", "陈 三、李  四", "陈三说李四", "＊＊说＊＊"),
        ("name", "陈十里夫妇", "陈十里反映", "＊＊＊反映"), ("name", "陈十里（李小四代）", "陈十里反映", "＊＊＊反映"),
        ("name", "陈十里13907351111", "陈十里，13907351111", "＊＊＊，＊＊＊＊＊＊"), ("name", "陈十里和李小四", "李小四反映", "＊＊＊反映"),
        ("phone", "13873512345/13907351111", "打1390735 1111", "打＊＊＊＊＊＊"), ("phone", "13873512345 13907351111", "打13907351111", "打＊＊＊＊＊＊"),
        ("phone", "0735-5522110,13907351111", "打5522110", "打＊＊＊＊＊＊"),
        ("id_number", "430123198001018765、43012319800101876X", "43012319800101876x的", "＊＊＊＊＊＊的"),
        ("address", "柏林镇十里洞村七组；城关镇解放路十八号", "住城关镇解放路十八号", "住＊＊＊＊＊＊"), ("address", "十里洞", "十里洞反映", "十里洞反映"),
    ],
)  # fmt: skip
def test_each_of_several_names_or_numbers_in_one_cell_is_blotted_out(column, cell, words, clean):
    old, row = read(brief=words, **{column: cell})
    assert old is not None
    assert (old.submission.brief, old.submission.brief_title) == (clean, clean)
    assert [str(warning.field) for warning in row.warnings if warning.field == "brief"] == ["brief"] * (clean != words)
    assert (("brief", words) in old.submission.petitioner.remarks) is (clean != words)


def test_without_anything_personal_a_petitioner_is_anonymous():
    assert good(name="", phone="").submission.identity is Identity.ANONYMOUS


def test_a_brief_makes_its_title_and_a_title_its_brief():
    assert good(brief="村民反映排污。" * 9).submission.brief_title == ("村民反映排污。" * 9)[:30]
    assert good(brief_title="饮水污染").submission.brief == "饮水污染"


def test_everything_that_is_wrong_with_a_row_is_told_at_once():
    found = wrong(
        old_number="", channel="信鸽", received_on="昨天", title="", text="", email="nobody", group_size="许多", closed_on="2999-01-01",
        name="陈" * 201,
    )  # fmt: skip
    assert set(found) == {"old_number", "channel", "received_on", "title", "text", "email", "group_size", "closed_on", "name"}
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"old_number": "1.38E+10"}, "old_number"), ({"phone": "1.38735E+10"}, "phone"), ({"id_number": "4.30123198001018E+17"}, "id_number"),
        ({"title": "一\x0b二"}, "title"), ({"text": "换\x0c页"}, "text"),
        ({"text": "有\x00零"}, "text"), ({"title": "题" * 201}, "title"), ({"identity": "匿名"}, "identity"), ({"identity": "实名", "name": ""}, "name"),
        ({"received_on": "2006-01-01"}, "received_on"), ({"received_on": "2016-12-01"}, "received_on"),
        ({"received_on": "9999-12-31"}, "received_on"),
        ({"registered_on": "2016-07-31"}, "registered_on"), ({"concluded_on": "2016-09-01", "closed_on": "2016-08-31"}, "closed_on"),
        ({"group_size": "0"}, "group_size"), ({"group_size": "１２"}, "group_size"), ({"group_size": "999999999999"}, "group_size"),
        ({"channel": ""}, "channel"), ({"email": "a@b"}, "email"),
    ],
)  # fmt: skip
def test_one_thing_wrong_is_told_once_with_its_column(changes, field):
    assert wrong(**changes) == [field]


def test_a_telephone_that_does_not_look_like_one_is_kept_and_told_of():
    old, row = read(phone="村部转")
    assert old is not None
    assert (old.submission.petitioner.phone, [str(warning.field) for warning in row.warnings]) == ("村部转", ["phone"])


def test_what_must_be_filled_in_is_what_the_rules_need():
    for column in REQUIRED:
        assert wrong(**{column.value: ""}) == [column.value]


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "A" * 100_000, "<script>alert(1)</script>"])
def test_a_strange_text_is_a_text(text: Any):
    assert good(text=text).submission.text == text
