"""The guides are true: each task is done on the pages as it is written, and its pictures are those that the pages show."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.dev.steps import Steps
from tests.guides.guide import opened
from tests.guides.walk import walk

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


@pytest.mark.full
def test_every_task_of_the_guides_is_done_as_it_is_written(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("guides")
    folder.chmod(0o711)
    with opened(folder / "county", folder / "pictures", Steps()) as guide:
        walk(guide)
    assert {f"{name}.png" for name in guide.taken} == {picture.name for picture in PICTURES.glob("*.png")}
