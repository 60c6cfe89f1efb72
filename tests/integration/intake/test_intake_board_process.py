"""Boards in `zhida intake channels` as an operator runs it: from a post out there to its answer beneath it, killed in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from deploy.dev.waiting import until
from services.intake.domain.submission import MatterType
from services.intake.handlers import board_items, board_replies
from services.intake.handlers.board_items import Choice
from tests import canaries
from tests.integration.intake.board_cases import board
from tests.integration.intake.intake_cases import concluded

ZHIDA = [sys.executable, "-c", "from shared.cli import main; main()", "intake", "channels"]


@contextmanager
def running(settings, tmp_path, **extra):
    """The process; its log is returned by what is called with no arguments, once it has ended."""
    environment = os.environ | {
        "ZHIDA_ORG": settings.org, "ZHIDA_NAME": "永兴县", "ZHIDA_KEYS": str(settings.keys), "DATABASE_URL": settings.database_url,
        "DATABASE_URL_INTAKE": settings.service_url("intake"), "ZHIDA_FILE_INTAKE": str(tmp_path / "intake.yaml"),
        "ZHIDA_PUBLIC_URL": "https://yongxing.example", **extra,
    }  # fmt: skip
    with (tmp_path / "channels.log").open("ab") as log:
        process = subprocess.Popen(ZHIDA, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture
def conclude(named, intake, vault, clerk, hear):
    """A clerk registers the post that has waited longest; the case is concluded, and its answer approved for posting."""

    def conclude():
        with intake.unit_of_work() as uow:
            item_id = board_items.next_item(uow)
            assert item_id
            case_id, _ = board_items.register_item(
                uow, vault, item_id, clerk, revision=1, choice=Choice(title="药费", matter_type=MatterType.APPEAL, category="", place=""),
                board_of=lambda name: board(named, name),
            )  # fmt: skip
        hear("case.concluded", case_id, concluded())
        with intake.unit_of_work() as uow:
            board_replies.approve(uow, vault, case_id, clerk, text="造纸厂已取缔。", sends=lambda name: True)

    return conclude


def test_from_a_post_to_the_answer_beneath_it_although_the_process_is_killed(settings, outside, texts, conclude, tmp_path):
    asked, killed = threading.Event(), threading.Event()

    def hold(handler):
        asked.set()
        killed.wait(60)
        outside.serve(handler)

    outside.posts["6"] = canaries.TEXT
    outside.respond = hold
    with running(settings, tmp_path) as process:
        assert asked.wait(60)
        process.kill()
        process.wait(10)
    killed.set()
    with running(settings, tmp_path) as process:
        until(lambda: len(texts()) >= 12, timeout=60, what="the posts of both boards")
        assert texts() == sorted([*outside.posts.values()] * 2)
        conclude()
        until(lambda: len(outside.replies) == 1, timeout=60, what="the answer")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    log = (tmp_path / "channels.log").read_bytes()
    assert b"addresses of private networks are allowed" in log
    assert [pattern for pattern in canaries.patterns() if pattern in log] == []
    assert outside.address.encode() not in log


def test_a_process_without_a_contact_to_name_does_not_start(settings, named, tmp_path):
    with running(settings, tmp_path, ZHIDA_PUBLIC_URL="") as process:
        assert process.wait(30) == 2
    assert b"ZHIDA_PUBLIC_URL" in (tmp_path / "channels.log").read_bytes()
    assert b"Traceback" not in (tmp_path / "channels.log").read_bytes()
