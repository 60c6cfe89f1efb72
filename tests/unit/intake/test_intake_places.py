"""The code of a place in a form: it stands in the clear, so nobody's number is taken for one."""

import pytest
from marshmallow import ValidationError

from services.intake.schemas.petition import place_field


@pytest.mark.parametrize("code", ["", "431023", "431023104", "431023104201"])
def test_counties_townships_and_villages_have_codes(code):
    assert place_field().deserialize(code) == code


@pytest.mark.parametrize(
    "digits", ["13873512345", "013873512345", "5522110", "07355522110", "431023104\n", "９３１０２３", "43102310"]
)
def test_a_number_that_is_somebodys_is_no_code(digits):
    with pytest.raises(ValidationError):
        place_field().deserialize(digits)
