"""The pods of the trial overlay, run behind a container's walls on real servers: as their manifests say, but for ports and servers' places."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg2
import pytest

from deploy.dev import rabbitmq
from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.ports import LOOPBACK, free_port
from deploy.dev.waiting import until
from shared import config
from shared.bus import bindings, management
from shared.config import SERVICES
from tests.deploy import kubelet
from tests.deploy.manifests import ROOT, Manifest, overlay, pod, the
from tests.deploy.sandbox import Contained

GUIDE = ROOT / "docs" / "kubernetes.md"
ORG, NAME = "431977", "zhida_pods"


class Trial(NamedTuple):
    manifests: list[Manifest]
    secrets: list[Manifest]
    folder: Path

    def prepared(self, name: str, folder: str = "") -> tuple[kubelet.Prepared, int]:
        """A pod laid out, and the port where it answers its probes, moved to one that is free on this machine."""
        found = kubelet.prepare(pod(self.manifests, name), self.manifests, self.secrets, self.folder / (folder or name))
        port = free_port()
        if "ZHIDA_HEALTH_PORT" in found.env:
            found.env["ZHIDA_HEALTH_PORT"] = str(port)
        command = [word.replace("0.0.0.0:8000", f"{LOOPBACK}:{port}") for word in found.command]
        return found._replace(command=command), port


def moved(manifests: list[Manifest], broker: str, management: str, database: str) -> list[Manifest]:
    """The same secrets for servers that are elsewhere than in a cluster."""
    text = json.dumps(manifests)
    for old, new in {
        "@broker:5672": f"@{broker}",
        "@broker:15672": f"@{management}",
        "@database-rw:5432/zhida": f"@{database}",
    }.items():
        text = text.replace(old, new)
    found: list[Manifest] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def trial(server_folder: Path, broker: Broker, database: Database) -> Trial:
    """An instance by overlays/demo with the secrets that the command makes, and servers as operators set them up."""
    manifests = overlay("demo")
    the(manifests, "ConfigMap", "settings")["data"]["ZHIDA_ORG"] = ORG
    site = the(manifests, "ConfigMap", "site")["data"]
    site["intake.yaml"] = site["intake.yaml"].replace("8024", str(free_port()))
    made = kubelet.secrets_of(manifests)
    values = {one["metadata"]["name"]: one["stringData"] for one in made}
    broker.apply(json.loads(values["broker-definitions"]["definitions.json"]))
    _roles(database, {name.removeprefix("database-"): one for name, one in values.items() if name.startswith("database-")})
    places = (
        f"{LOOPBACK}:{broker.ports['amqp']}",
        f"{LOOPBACK}:{broker.ports['management']}",
        f"{LOOPBACK}:{database.port}/{NAME}",
    )
    return Trial(manifests, moved(made, *places), server_folder / "pods")


def _roles(database: Database, users: dict[str, dict[str, str]]) -> None:
    """As CloudNativePG does: roles of their own, of which the owner may neither make others nor pass any by."""
    connection = psycopg2.connect(database.url())
    connection.autocommit = True
    with connection.cursor() as cursor:
        for user in users.values():
            cursor.execute(f"CREATE ROLE {user['username']} LOGIN PASSWORD %s", (user["password"],))
    connection.close()
    database.create(NAME, owner=users["owner"]["username"])


def asked(port: int, path: str) -> tuple[int, str]:
    """Status and body; 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError:
        return 0, ""


@pytest.fixture(scope="module")
def migrated(trial: Trial) -> Trial:
    """The migration Job has run."""
    prepared, _ = trial.prepared("Job/migrate")
    log = trial.folder / "migrate.log"
    assert _once(prepared, log) == 0, log.read_text()
    return trial


def _once(prepared: kubelet.Prepared, log: Path, *options: str) -> int:
    run = Contained(prepared, log, *options)
    try:
        return run.wait(120)
    finally:
        run.kill()


@pytest.fixture
def started() -> Iterator[list[Contained]]:
    """Whatever a test starts behind walls ends with it."""
    running: list[Contained] = []
    yield running
    for one in running:
        one.kill()


def answers(run: Contained, port: int, path: str, status: int) -> None:
    """Wait until a probe gets this answer."""

    def there() -> bool:
        assert run.running(), run.log.read_text()
        return asked(port, path)[0] == status

    until(there, timeout=60, what=f"{status} from {path}: {run.log}")


def test_the_processes_of_an_instance_become_ready_and_drain_in_time(migrated: Trial, started: list[Contained]) -> None:
    ports = {}
    for name in ("Deployment/worker", "Deployment/web", "Deployment/channels"):
        prepared, ports[name] = migrated.prepared(name)
        started.append(Contained(prepared, migrated.folder / f"{name.partition('/')[2]}.log"))
    for run, port in zip(started, ports.values(), strict=True):
        answers(run, port, "/readyz", 200)
        assert asked(port, "/livez")[0] == 200
        assert "python_info" in asked(port, "/metrics")[1]
    for page in ("/", "/submit", "/sign-in"):
        assert asked(ports["Deployment/web"], page)[0] == 200
    _bound(migrated)
    for run, name in zip(started, ports, strict=True):
        assert run.stop(pod(migrated.manifests, name).spec["terminationGracePeriodSeconds"]) == 0, run.log.read_text()


def _bound(trial: Trial) -> None:
    """The rights sufficed to declare everything, and the watcher sees it: that, and nothing else."""
    values = {one["metadata"]["name"]: one["stringData"] for one in trial.secrets}["broker"]
    uris = {f"AMQP_URI_{service.upper()}": values[service] for service in SERVICES}
    settings = config.load({"ZHIDA_ORG": ORG, "AMQP_MANAGEMENT_URL": values["management"], **uris})
    assert {service: bindings.missing(settings, service) for service in SERVICES} == {service: set() for service in SERVICES}
    with pytest.raises(OSError, match="refuses"):
        management.call(values["management"], "GET", "/api/users")


@pytest.mark.full
def test_petitioners_pages_run_on_intakes_part_of_everything_alone(migrated: Trial, started: list[Contained]) -> None:
    county = overlay("county")
    the(county, "ConfigMap", "settings")["data"]["ZHIDA_ORG"] = ORG
    prepared, port = migrated._replace(manifests=county).prepared("Deployment/public")
    started.append(Contained(prepared, migrated.folder / "public.log"))
    answers(started[0], port, "/readyz", 200)
    assert [asked(port, page)[0] for page in ("/", "/submit", "/track", "/routing/review", "/sign-in")] == [
        200,
        200,
        200,
        404,
        404,
    ]


@pytest.mark.full
def test_what_runs_by_the_calendar_runs(migrated: Trial) -> None:
    sweep, _ = migrated.prepared("CronJob/sweep")
    assert _once(sweep, migrated.folder / "sweep.log") == 0
    learn, _ = migrated.prepared("CronJob/learn")
    assert _once(learn, migrated.folder / "learn.log") == 1  # a new county has nothing to learn from, and it says so
    assert "50" in (migrated.folder / "learn.log").read_text()


@pytest.mark.full
def test_an_operator_finds_every_command_where_the_tools_are(migrated: Trial) -> None:
    """The commands that the guide has run there, as it has them."""
    tools, _ = migrated.prepared("Deployment/tools")
    (rotate,) = re.findall(r"exec deployment/tools -- sh -c '(mkdir .*--files-only)'", GUIDE.read_text())
    log = migrated.folder / "tools.log"
    for words in ("zhida sync status", "zhida intake files check", "zhida parked list reporting", rotate):
        assert _once(tools._replace(command=["sh", "-c", words]), log) == 0, log.read_text()
    assert len(list((migrated.folder / "Deployment/tools/tmp/keys").glob("master*"))) == 2
    (load,) = re.findall(r"exec --stdin deployment/tools -- sh -c '(cat .*)' <directory", GUIDE.read_text())
    directory = (ROOT / "deploy/dev/data/directory-431023.yaml").read_text().replace("431023", ORG)
    (migrated.folder / "Deployment/tools/tmp/given").write_text(directory)
    assert _once(tools._replace(command=["sh", "-c", f"({load}) </tmp/given"]), log) == 0, log.read_text()


@pytest.mark.parametrize(("name", "ready"), [("Deployment/worker", 503), ("Deployment/web", 503), ("Deployment/channels", 200)])
def test_without_database_and_broker_a_process_lives_and_is_not_ready(
    trial: Trial, name: str, ready: int, started: list[Contained]
) -> None:
    """Whoever hands a mail in is told to come again (451): to that the receiver is ready."""
    nowhere = f"{LOOPBACK}:{free_port()}"
    known = [one for one in trial.secrets if one["metadata"]["name"] not in ("database", "broker")]
    for secret in (one for one in trial.secrets if one["metadata"]["name"] in ("database", "broker")):
        away = {
            key: value.replace(urlsplit(value).netloc.partition("@")[2], nowhere) for key, value in secret["stringData"].items()
        }
        known.append(secret | {"stringData": away})
    prepared, port = trial._replace(secrets=known).prepared(name, f"away-{name}")
    run = Contained(prepared, trial.folder / f"away-{name.partition('/')[2]}.log")
    started.append(run)
    answers(run, port, "/livez", 200)
    answers(run, port, "/readyz", ready)
    assert asked(port, "/livez")[0] == 200


@pytest.mark.full
def test_the_plain_broker_takes_its_configuration_users_and_rights_behind_the_same_walls(trial: Trial) -> None:
    """On a network of its own, where no other broker's ports are in the way."""
    prepared, _ = trial.prepared("StatefulSet/broker")
    assert prepared.command == ["rabbitmq-server"]
    ready = f"rabbitmq-server & rabbitmqctl -q wait --pid $! --timeout 100 && rabbitmqctl -q list_permissions -p {ORG}"
    folder = str(Path(rabbitmq.script("rabbitmq-server")).parent)
    env = prepared.env | {"PATH": f"{folder}:/usr/bin:/bin", "RUNNING_UNDER_SYSTEMD": "true"}
    log = trial.folder / "broker.log"
    assert _once(prepared._replace(command=["sh", "-c", ready], env=env), log, "--unshare-net") == 0, log.read_text()
    assert f"{ORG}.watch\t^$\t^$\t^$" in log.read_text()


def test_the_walls_hold(trial: Trial) -> None:
    """So that what runs behind them has needed nothing more."""
    prepared, _ = trial.prepared("Deployment/web")
    tries = {
        "open('/app/shared/x', 'w')": "Read-only file system", "open('/x', 'w')": "Read-only file system",
        "open('/run/zhida/keys/secret.key', 'a')": "Read-only file system", "open('/tmp/x', 'w')": "",
        "open('/var/lib/zhida/files/x', 'w')": "", "import os; assert os.getuid() == 10001; os.chroot('/tmp')": "Operation not permitted",
    }  # fmt: skip
    for number, (code, word) in enumerate(tries.items()):
        log = trial.folder / f"walls-{number}.log"
        assert _once(prepared._replace(command=["python", "-c", code]), log) == (1 if word else 0), log.read_text()
        assert word in log.read_text()
