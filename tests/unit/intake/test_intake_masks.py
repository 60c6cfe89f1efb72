"""What may stand on a page before its mask is lifted."""

import pytest

from services.intake import masks


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
