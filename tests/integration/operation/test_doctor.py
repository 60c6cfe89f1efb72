"""`zhida doctor` finds what is wrong, and only that: each fault is planted, found, and gone when it is mended."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.ports import free_port
from services.reporting.checks import founts
from shared import keys
from shared.bus import topology
from shared.config import load
from shared.errors import Refused, ZhidaError
from shared.operation import checks
from tests import canaries
from tests.integration.operation.conftest import Answer, Site, Zhida, run

Said = Mapping[str, str]
# All but the one that sets a PDF, which takes longer than all others together.
QUICK = ("services", "secrets", "database", "schemas", "broker", "bindings", "rights", "superiors", "mail", "intake", "routing",
         "supervision", "followup", "reporting: agencies")  # fmt: skip
OPTIONAL = {"superiors", "mail server", "intake: virus scanner", "routing: subordinates"}  # not set in this county


def results(answer: Answer) -> dict[str, str]:
    """Each check and how it went; nothing in it is a secret."""
    return {row["check"]: row["result"] for row in answer.rows}


def wrong(answer: Answer) -> dict[str, str]:
    """What is wrong, with what was found."""
    return {row["check"]: row["found"] for row in answer.rows if row["result"] == "WRONG"}


def test_a_county_in_order_is_found_in_order(site: Site, zhida: Zhida) -> None:
    answer = zhida("doctor", "--json")
    assert wrong(answer) == {}
    assert answer.code == 0
    assert [row["check"] for row in answer.rows if not row["check"].startswith(QUICK)] == ["reporting: founts"]
    assert {check for check, result in results(answer).items() if result == "-"} == OPTIONAL
    assert site.county.query("SELECT count(*) FROM platform.replay WHERE sent_at IS NULL") == [(0,)]


def test_the_table_gives_a_remedy_for_what_is_wrong_and_no_password(site: Site, zhida: Zhida) -> None:
    answer = zhida("doctor", AMQP_URI_INTAKE=f"amqp://{quote('431023.intake')}:hush-hush@127.0.0.1:{free_port()}/x")
    assert answer.code == 1
    assert "AMQP_URI_<SERVICE>" in answer.out
    assert "hush-hush" not in answer.out
    assert not any(word in answer.out for word in canaries.WORDS)
    for name, value in site.county.environment().items():
        if name.startswith(("DATABASE_URL_", "AMQP_URI_")):
            assert value.split("//")[1].split("@")[0].partition(":")[2] not in answer.out


FROM_SETTINGS = [
    ({"AMQP_URI_INTAKE": "amqp://a:b@127.0.0.1:{port}/x"}, {"broker": "refused", "bindings": "431023.intake is not bound"}),
    ({"PARTITIONS_INTAKE": "2"}, {"broker": "queue 431023.intake.0 is not there", "bindings": "431023.intake is not bound to"}),
    ({"AMQP_MANAGEMENT_URL": "http://a:b@127.0.0.1:{port}"}, {"bindings": "does not say", "rights": "refused"}),
    ({"DATABASE_URL_FOLLOWUP": "postgresql://a:b@127.0.0.1:{port}/x"}, {"database": "refused"}),
    (
        {"ZHIDA_SIMULATED": "1"},
        {"schemas": "ZHIDA_SIMULATED is True"}
        | dict.fromkeys(
            ("rights", "intake: master key", "routing: subordinates", "supervision: policy", "supervision: working calendar"),
            "settings say simulated=True",
        ),
    ),
    ({"LINKS": "43=amqp://a:b@127.0.0.1:{port}/x"}, {"superiors": "refused", "rights": "431023.routing: topic_write"}),
    ({"SMTP_URI": "smtp://127.0.0.1:{port}?from=a@example.org"}, {"mail server": "refused"}),
    ({"SMTP_URI": "smtp://127.0.0.1:{port}"}, {"mail server": "no ?from="}),
    ({"ZHIDA_SUBORDINATES": "431023104"}, {"routing: subordinates": "431023104 has no queue", "rights": "431023.routing"}),
    (
        {"ZHIDA_FILE_INTAKE": "{folder}/bad.yaml"},
        {"intake: file": "fils", "intake: file store": "fils", "intake: virus scanner": "fils"},
    ),
    ({"ZHIDA_FILE_INTAKE": "{folder}/scanned.yaml"}, {"intake: virus scanner": "clamd"}),
    ({"ZHIDA_FILE_ROUTING": "{folder}/bad.yaml"}, {"routing: file": "fils"}),
    ({"ZHIDA_FILE_FOLLOWUP": "{folder}/bad.yaml"}, {"followup: policy": "fils"}),
    ({"ZHIDA_POLICY": "{folder}/bad.yaml"}, {"supervision: policy": "fils"}),
    ({"ZHIDA_POLICY": "regulation-2022"}, {"supervision: policy": "is in force, ZHIDA_POLICY names regulation-2022"}),
    ({"ZHIDA_KEYS": "{folder}/none"}, {"secrets": "master.key is not there", "intake: master key": "FileNotFoundError"}),
    ({"ZHIDA_KEYS": "{folder}/others"}, {"intake: master key": "2 data keys need the master key"}),
    ({"AMQP_URI_PUBLIC": "amqp://a:b@127.0.0.1:{port}/x"}, {"reporting: agencies": "refused"}),
]


@pytest.mark.parametrize(("changed", "found"), FROM_SETTINGS, ids=" ".join)
def test_what_a_setting_brings_is_found_and_nothing_else(zhida: Zhida, tmp_path: Path, changed: Said, found: Said) -> None:
    (tmp_path / "bad.yaml").write_text("fils: {}\n")
    (tmp_path / "scanned.yaml").write_text("files: {clamd: /nowhere/clamd.ctl}\n")
    keys.make(tmp_path / "others")
    answer = zhida(
        "doctor", *QUICK, "--json", **{name: value.format(port=free_port(), folder=tmp_path) for name, value in changed.items()}
    )
    assert answer.code == 1
    matches(wrong(answer), found)


def matches(said: Said, found: Said) -> None:
    assert said.keys() == found.keys(), said
    for check, words in found.items():
        assert words in said[check]


@pytest.mark.parametrize(
    "changed", [{"ZHIDA_BATCH_SIZE": "many"}, {"ZHIDA_TRUSTED_PROXIES": "-1"}, {"ZHIDA_KEYS_FILE": "/nowhere"}]
)
def test_settings_that_cannot_be_read_are_told_and_nothing_more(zhida: Zhida, changed: Said) -> None:
    answer = zhida("doctor", *QUICK, "--json", **changed)
    assert (answer.code, list(wrong(answer))) == (1, ["settings"])


# -- what goes wrong in a county at work ---------------------------------------------------------------------------------
@contextmanager
def _open_to_others(site: Site) -> Iterator[None]:
    path = site.county.settings.keys / keys.SECRET
    path.chmod(0o644)
    yield
    path.chmod(0o600)


@contextmanager
def _behind(site: Site) -> Iterator[None]:
    newest = "(SELECT max(migration_id) FROM followup._yoyo_migration)"
    rename = "UPDATE followup._yoyo_migration SET migration_id = {} WHERE migration_id = {}"
    site.county.query(rename.format(f"'9999_' || {newest}", newest))
    yield
    site.county.query(rename.format(f"substr({newest}, 6)", newest))


@contextmanager
def _of_another(site: Site) -> Iterator[None]:
    site.county.query("UPDATE platform.instance SET org = '431022'")
    yield
    site.county.query("UPDATE platform.instance SET org = '431023'")


@contextmanager
def _unbound(site: Site) -> Iterator[None]:
    county, path = site.county, f"e/{topology.EXCHANGE}/q/431023.followup"
    there = f"/api/bindings/{quote(county.vhost)}/{path}"
    assert isinstance(county.broker, Broker)
    county.broker.management("DELETE", f"{there}/431023.case.concluded")
    yield
    county.broker.management("POST", there, {"routing_key": "431023.case.concluded"})


@contextmanager
def _wide(site: Site) -> Iterator[None]:
    county, broker = site.county, site.county.broker
    assert isinstance(broker, Broker)
    path = f"/api/permissions/{quote(county.vhost)}/431023.followup"
    before = broker.management("GET", path)
    broker.management("PUT", path, {"configure": ".*", "write": before["write"], "read": before["read"]})
    yield
    broker.management("PUT", path, {kind: before[kind] for kind in ("configure", "write", "read")})


@contextmanager
def _calendar_ends(site: Site) -> Iterator[None]:
    site.county.query("UPDATE supervision.calendar_coverage SET last = '2016-12-31'")
    yield
    site.county.query("UPDATE supervision.calendar_coverage SET last = '2099-12-31'")


Plant = Callable[[Site], AbstractContextManager[None]]
PLANTED = [
    (_open_to_others, {"secrets": "secret.key may be read by others (mode 644)"}, "shared.keys._open", False),
    (_behind, {"schemas": "followup lacks"}, "shared.operation.checks.differences", ("", [], [])),
    (_of_another, {"schemas": "it is the database of 431022"}, None, None),
    (_unbound, {"bindings": "431023.followup is not bound to 431023.case.concluded"}, "shared.bus.bindings.missing", set()),
    (_wide, {"rights": "431023.followup: configure is .*"}, "shared.operation.checks.service_rights", {}),
    (_calendar_ends, {"supervision: working calendar": "it ends in -"}, "services.supervision.checks.coverage", (99, None)),
]


@pytest.mark.parametrize(("plant", "found", "broken", "says"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_what_goes_wrong_is_found_and_gone_when_it_is_mended(
    site: Site, zhida: Zhida, monkeypatch: pytest.MonkeyPatch, plant: Plant, found: Said, broken: str | None, says: Any
) -> None:
    """The twin: where the look behind it always says that all is well, the same fault is not found."""
    with plant(site):
        matches(wrong(zhida("doctor", *QUICK, "--json")), found)
        if broken:
            with monkeypatch.context() as twin:
                twin.setattr(broken, lambda *_: says)
                said = wrong(zhida("doctor", *QUICK, "--json"))
            with pytest.raises(AssertionError):
                matches(said, found)
    assert wrong(zhida("doctor", *QUICK, "--json")) == {}


def test_a_mounted_secret_may_be_open_to_its_group_alone(zhida: Zhida, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "uri"
    file.write_text(site.county.environment()["DATABASE_URL"])
    environment = {"DATABASE_URL_FILE": str(file)}
    site_environment = site.county.environment()
    del site_environment["DATABASE_URL"]
    for owner, mode, open_to_others in ((0, 0o600, False), (0, 0o640, True), (4711, 0o440, False), (4711, 0o444, True)):
        os.chown(file, owner, -1)
        file.chmod(mode)
        said = wrong(run(site_environment | environment, "doctor", *QUICK, "--json"))
        assert ("uri may be read by others" in said.get("secrets", "")) is open_to_others, (owner, mode)


def test_a_clock_that_goes_wrong_is_found(zhida: Zhida, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "time", SimpleNamespace(time=lambda: time.time() + 60))
    matches(wrong(zhida("doctor", *QUICK, "--json")), {"database": "its clock is -60.0 s from this machine's"})


def test_a_database_of_another_locale_is_found(database: Database, site: Site) -> None:
    connection = psycopg2.connect(database.url())
    connection.autocommit = True
    connection.cursor().execute(
        "CREATE DATABASE other_locale TEMPLATE template0 LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    connection.close()
    other = replace(site.county.settings, services=("intake",), database_urls={"intake": database.url("other_locale")})
    with pytest.raises(checks.Faulty, match="does not know small and large letters"):
        checks.database(other)
    database.drop("other_locale")


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ("/nowhere", "setting a PDF: ended with"),
        ("/usr/share/fonts/truetype/dejavu", "no fount with Chinese characters, boxes by"),
    ],
    ids=["none", "none with Chinese characters"],
)
def test_founts_that_lack_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: str, found: str) -> None:
    """Debian's DejaVu, where it is installed, has all other letters."""
    (tmp_path / "fonts.conf").write_text(f"<fontconfig><dir>{there}</dir><cachedir>{tmp_path}</cachedir></fontconfig>")
    start = subprocess.Popen

    def elsewhere(command: list[str], env: dict[str, str], **rest: Any) -> subprocess.Popen[bytes]:
        return start(command, env=env | {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}, **rest)

    monkeypatch.setattr(subprocess, "Popen", elsewhere)
    with pytest.raises(ZhidaError, match=found):
        founts(load({"ZHIDA_ORG": "431023"}))


def test_a_check_that_is_not_there_is_refused(zhida: Zhida) -> None:
    assert isinstance(zhida("doctor", "heart").fault, Refused)


def test_a_disk_without_room_is_found(zhida: Zhida, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.intake.cli.checks.FORMS", 10**9)
    matches(wrong(zhida("doctor", *QUICK, "--json")), {"intake: file store": "GB free"})


def test_a_check_that_breaks_does_not_end_the_others(zhida: Zhida, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr(checks.keys, "wrong", breaks)
    answer = zhida("doctor", *QUICK, "--json")
    matches(wrong(answer), {"secrets": "unforeseen"})
    assert len(answer.rows) > 10
