"""A setting may stand in a file: so secrets are mounted, and no listing of processes shows them."""

from pathlib import Path

import pytest

from shared import config


def test_a_setting_is_read_from_the_file_that_its_variable_names(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://intake:secret@db/zhida\n")
    (tmp_path / "links").write_text("431023=amqp://431023104:secret@broker/431023\n")
    found = config.load(
        {"ZHIDA_ORG": "431023104", "DATABASE_URL_INTAKE_FILE": str(tmp_path / "url"), "LINKS_FILE": str(tmp_path / "links")}
    )
    assert found.service_url("intake") == "postgresql://intake:secret@db/zhida"
    assert found.links == {"431023": "amqp://431023104:secret@broker/431023"}
    assert found.service_url("routing") == ""


def test_a_file_that_is_not_there_is_named_with_its_variable(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"^AMQP_URI_FILE: .*/nothing cannot be read: No such file"):
        config.load({"ZHIDA_ORG": "431023", "AMQP_URI_FILE": str(tmp_path / "nothing")})


def test_a_setting_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "org").write_text("431023")
    with pytest.raises(OSError, match="ZHIDA_ORG and ZHIDA_ORG_FILE are both set"):
        config.load({"ZHIDA_ORG": "431023", "ZHIDA_ORG_FILE": str(tmp_path / "org")})


def test_a_missing_setting_is_still_named() -> None:
    with pytest.raises(OSError, match="ZHIDA_ORG is not set"):
        config.load({})
