"""A township's instance made by one command: it works, may do what it needs and nothing else, and is let go when nothing waits."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import psycopg2
import pytest

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import Instance
from deploy.dev.waiting import until
from services.routing.domain.agreement import Verdict
from services.routing.handlers import withdraw
from shared.bus.broker import Publisher, connect
from shared.errors import Unavailable
from tests.faults.driver import SECRETARY
from tests.faults.linked import BOLIN, COUNTY, MATIAN
from tests.integration.instances.conftest import Town, Zhida, admin, create, hand_down, settings_of, stage, verdicts

UNMADE, GONE = "431023100", "431023199"  # towns that no test makes


@pytest.mark.parametrize("place", ["ours", "its own"])
def test_a_township_is_one_command_away_from_work_on_our_broker_or_its_own(
    county: Instance, zhida: Zhida, folder: Path, database: Database, own_broker: Broker, place: str
) -> None:
    where = ("--broker", own_broker.uri(), "--management", admin(own_broker)) if place == "its own" else ()
    made = create(zhida, BOLIN, database, *where)
    assert made.returncode == 0, made.stderr
    town = Town(folder, BOLIN)
    try:
        case = hand_down(county, BOLIN)
        until(town.receive, timeout=30, what="the assignment")
        until(lambda: stage(county, case) == "received", timeout=30, what="the receipt")
        until(lambda: verdicts(county) == {BOLIN: Verdict.AGREES}, timeout=30, what="agreement")
        listed = json.loads(zhida("instance", "list", "--json").stdout)
        assert [(row["org"], row["verdict"], row["behind"]) for row in listed] == [(BOLIN, "agrees", 0)]
        assert json.loads(zhida("instance", "show", BOLIN).stdout)["rights"] == "as they should be"
        status = zhida("sync", "status", "--json")
        assert (status.returncode, json.loads(status.stdout)["verdict"]) == (0, "agrees")
        for whose, answer in {"county": zhida("doctor", "--json"), "town": zhida("doctor", "--json", **town.env)}.items():
            said = {row["check"]: row for row in json.loads(answer.stdout)}
            assert {name for name, row in said.items() if row["result"] == "WRONG"} == set(), said
            linked = "routing: subordinates" if whose == "county" else "superiors"
            assert said[linked]["found"] == (BOLIN if whose == "county" else COUNTY)
        [neighbour] = json.loads(zhida("status", "--json").stdout)["neighbours"]
        assert (neighbour["org"], neighbour["is"], neighbour["verdict"]) == (BOLIN, "subordinate", "agrees")
        for change, code in (("known = known + 1", 1), ("agrees = false", 2)):
            county.query(f"UPDATE platform.held SET {change}")
            assert zhida("sync", "status").returncode == code
        assert f"/{BOLIN}/routing {COUNTY}" in zhida("sync", "heal", BOLIN).stdout
        until(lambda: verdicts(county) == {BOLIN: Verdict.AGREES}, timeout=60, what="agreement again")
        refused = zhida("instance", "remove", BOLIN)
        assert refused.returncode == 1
        assert "未办结交办 1 项" in refused.stderr
    finally:
        town.stop()


def test_the_command_run_again_changes_nothing(zhida: Zhida, folder: Path, database: Database, broker: Broker) -> None:
    assert create(zhida, BOLIN, database).returncode == 0
    before, rights = settings_of(folder, BOLIN), broker.management("GET", f"/api/users/{BOLIN}/permissions")
    again = create(zhida, BOLIN, database)
    assert again.returncode == 0, again.stderr
    assert settings_of(folder, BOLIN) == before
    assert broker.management("GET", f"/api/users/{BOLIN}/permissions") == rights
    assert "0 migrations" in again.stdout
    for name in ("environment", "keys/session.pem", "keys/secret.key"):
        mode = (folder / "instances" / BOLIN / name).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600, name


def test_a_dry_run_shows_everything_but_passwords_and_makes_nothing(
    zhida: Zhida, folder: Path, database: Database, broker: Broker
) -> None:
    shown = create(zhida, UNMADE, database, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["at our broker"]["topic_permissions"][0]["write"].startswith("^(431023\\.")
    assert told["environment"]["LINKS"].startswith(f"{COUNTY}=amqp://{UNMADE}:…@")
    assert not (folder / "instances" / UNMADE).exists()
    assert f"{UNMADE}.routing" not in {user["name"] for user in broker.management("GET", "/api/users")}
    assert database_names(database).isdisjoint({f"zhida_{UNMADE}"})
    assert json.loads(zhida("instance", "list", "--json").stdout) == []


def database_names(database: Database) -> set[str]:
    connection = psycopg2.connect(database.url())
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        names = {name for (name,) in cursor.fetchall()}
    connection.close()
    return names


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("431022104", "--superior", COUNTY), "须以本单位代码431023开头"),
        ((COUNTY, "--superior", COUNTY), "须以本单位代码431023开头"),
        (("431023104.x", "--superior", COUNTY), "须以本单位代码431023开头"),
        ((BOLIN, "--superior", "431022"), "须在上级单位431022的环境中执行"),
        ((BOLIN, "--superior", COUNTY, "--services", "intake"), "下级实例须运行 routing"),
        ((BOLIN, "--superior", COUNTY, "--services", "routing mail"), "下级实例须运行 routing"),
    ],
)
def test_what_cannot_be_a_subordinate_is_refused(zhida: Zhida, arguments: tuple[str, ...], said: str) -> None:
    refused = zhida("instance", "create", *arguments)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_subordinate_is_let_go_when_nothing_waits_and_then_may_not_sign_in(
    county: Instance, zhida: Zhida, folder: Path, database: Database
) -> None:
    assert create(zhida, MATIAN, database).returncode == 0
    case = hand_down(county, MATIAN)
    waiting = "SELECT delivered FROM platform.outgoing WHERE peer = %s"
    until(lambda: county.query(waiting, MATIAN) == [(1,)], timeout=30, what="the assignment to wait at the broker")
    refused = zhida("instance", "remove", MATIAN)
    assert refused.returncode == 1
    assert "队列中" in refused.stderr
    link = settings_of(folder, MATIAN)["LINKS"].partition("=")[2]
    town = Town(folder, MATIAN)
    try:
        [(assignment,)] = county.query("SELECT id FROM routing.assignment WHERE case_id = %s", case)
        with county.unit_of_work("routing") as uow:
            withdraw(uow, assignment, SECRETARY)
        until(lambda: town.stages() == ["withdrawn"], timeout=30, what="the withdrawal")
        until(lambda: verdicts(county).get(MATIAN) is Verdict.AGREES, timeout=30, what="agreement")
    finally:
        town.stop()
    Publisher(link, "a test").close()
    until(lambda: waiting_for(county, MATIAN) == 0, timeout=10, what="its queue to be empty")
    noted_late(county)
    removed = zhida("instance", "remove", MATIAN)
    assert removed.returncode == 0, removed.stderr
    with pytest.raises(Unavailable, match="ACCESS_REFUSED"):
        Publisher(link, "a test")
    assert zhida("instance", "remove", MATIAN).returncode == 1
    until(lambda: verdicts(county) == {}, timeout=30, what="nothing to be owed to anybody who left")


def noted_late(county: Instance) -> None:
    """What a relay notes that tells a subordinate something when that has just been let go."""
    county.query(
        "INSERT INTO platform.outgoing (peer, stream, service, head, delivered) VALUES (%s, %s, 'intake', 2, 1)",
        GONE, f"/{COUNTY}/intake {GONE}",
    )  # fmt: skip


def waiting_for(county: Instance, town: str) -> int:
    connection = connect(county.broker.uri(vhost=county.vhost), "tests")
    try:
        return int(connection.channel().queue_declare(f"{town}.link", passive=True).message_count)
    finally:
        connection.close()
