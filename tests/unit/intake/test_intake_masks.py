"""What may stand on a page before its mask is lifted."""

import pytest

from services.intake.domain import masks


@pytest.mark.parametrize(
    ("mask", "plain", "masked"),
    [
        (masks.name, "张小明", "张**"), (masks.name, "张", "张"), (masks.name, "", ""),
        (masks.phone, "138-7351 2345", "138****2345"), (masks.phone, "0735-5522110", "073****2110"),
        (masks.phone, "5522110", "*****10"),
        (masks.phone, "1", "1"),
        (masks.id_number, "430123198001018765", "430*************65"), (masks.id_number, "A1234567", "********"),
        (masks.email, "zhang@example.org", "z***@example.org"), (masks.email, "no address", "***"),
        (masks.address, "永兴县柏林镇十里洞村七组", "永兴县柏林镇****"), (masks.address, "七组", "****"),
    ],
)  # fmt: skip
def test_a_mask_shows_only_what_it_may(mask, plain, masked):
    assert mask(plain) == masked


def test_names_and_numbers_are_blotted_out_of_a_text_the_longest_first():
    text = "我是张小明，电话13873512345，张小明之妻李四。mail: ZHANG@example.org"
    blotted = masks.within(text, ["张小明", "13873512345", "zhang@example.org", "", "李"])
    assert "张小明" not in blotted
    assert "138" not in blotted
    assert "ZHANG" not in blotted
    assert "李四" in blotted  # one character alone is no name to look for


@pytest.mark.parametrize(
    ("secret", "written"),
    [
        ("13873512345", "138-7351-2345"), ("13873512345", "138 7351 2345"), ("13873512345", "１３８７３５１２３４５"),
        ("13873512345", "+86 138.7351.2345"), ("13873512345", "138\u200b7351\n2345"), ("13873512345", "一三八 七三五一 二三四五"),
        ("13873512345", "幺三八七三五幺二三四五"), ("+86 138 7351 2345", "13873512345"), ("008613873512345", "138—7351—2345"),
        ("0735-5522110", "（0735）5522110"), ("0735-5522110", "+86 735 5522110"), ("0735-5522110", "552 2110"),
        ("010-65001234", "6500-1234"), ("430123198001018765", "430123 19800101 8765"), ("43012319800101876X", "430123-19800101-876x"),
        ("ABCD1234EFGH5678JKMNPQRSTV", "ABCD1234EFGH5\r\n> 678JKMNPQRSTV"), ("张小明", "张 小\u3000明"), ("张小明", "张小\n明"),
        ("zhang@example.org", "Zhang＠example．org"), ("张三", "张三"),
    ],
)  # fmt: skip
def test_a_secret_is_blotted_out_however_it_is_written(secret, written):
    blotted = masks.within(f"请打：{written}。谢谢", [secret])
    assert blotted.startswith("请打：")
    assert blotted.endswith("。谢谢")
    rest = blotted.removeprefix("请打：").removesuffix("。谢谢").strip("+86 735（0）")
    assert set(rest) == {"＊"}


@pytest.mark.parametrize(
    ("find", "field", "found"),
    [
        (masks.names_in, "张小明", {"张小明"}), (masks.names_in, "张小明、李四", {"张小明、李四", "张小明", "李四"}),
        (masks.names_in, "张小明等12人", {"张小明等12人", "张小明"}), (masks.names_in, "Li Min", {"Li Min"}), (masks.names_in, "", set()),
        (masks.numbers_in, "", set()), (masks.numbers_in, "转8012", {"转8012"}), (masks.numbers_in, "5522110转8012", {"5522110转8012", "5522110"}),
        (masks.numbers_in, "138 7351 2345", {"138 7351 2345"}), (masks.addresses_in, "", set()), (masks.addresses_in, "甲村，乙村", {"甲村，乙村"}),
    ],
)  # fmt: skip
def test_a_field_of_several_is_taken_apart(find, field, found):
    assert find(field) == found


def test_what_is_no_secret_stays_as_it_was_written():
    text = "2024-06-30，补偿款 13,873.5 元，第一三八号；\n张家小院明年"
    assert masks.within(text, ["13873512345", "张小明", "", " ", "-", "0735-5522110"]) == text


@pytest.mark.parametrize(
    "number",
    [
        "13873512345", "138-7351-2345", "+86 138 7351 2345", "8613873512345", "１３８７３５１２３４５", "138\n7351\n2345", "一三八七三五一二三四五",
        "13 138 7351 2345", "430123198001018765", "430123 19800101 876X", "4301 2319 8001 0187 65", "四三〇一二三一九八〇〇一〇一八七六五",
    ],
)  # fmt: skip
def test_a_number_of_somebody_is_found_however_it_is_written(number):
    assert masks.holds_number(f"请联系{number}。")


@pytest.mark.parametrize(
    "text",
    [
        "0735-5522110", "2024-06-30 8:30", "2026-01-02 - 2026-01-03 10:30", "自2026.10.15-2026.11.20，共13户", "永信〔2026〕13号",
        "1387351234", "138735123456", "431023-2026-000123", "面积 1.3 亩，补偿 15800.00 元，2026 年 3 月 15 日",
    ],
)  # fmt: skip
def test_dates_sums_and_the_numbers_of_offices_are_nobodys(text):
    assert not masks.holds_number(text)
