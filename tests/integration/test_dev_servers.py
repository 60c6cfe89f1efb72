"""The private broker, database and processes keep what they promise, on the real programs."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import kombu
import psycopg2
import pytest

from deploy.dev import definitions, ports, procfs, unprivileged
from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.management import ManagementError
from deploy.dev.processes import DiedEarly, Process, sweep
from deploy.dev.waiting import until
from tests import servers


@pytest.fixture
def folder() -> Iterator[Path]:
    with servers.folder() as path:
        yield path
        sweep(path)


def publish(uri: str, text: str) -> None:
    with kombu.Connection(uri, transport_options={"confirm_publish": True}) as connection:
        queue = kombu.Queue("letters", queue_arguments={"x-queue-type": "quorum"})
        kombu.Producer(connection).publish(text, routing_key="letters", declare=[queue], delivery_mode=2)


def take(uri: str) -> str | None:
    with kombu.Connection(uri) as connection:
        message = kombu.Queue("letters", channel=connection.default_channel).get(no_ack=True)
        return message.payload if message else None


def test_a_durable_message_survives_kill_9_of_the_broker(folder: Path) -> None:
    broker = Broker(folder / "one", die_with_parent=True)
    broker.start()
    address = broker.uri()
    publish(address, "first")
    broker.wait_for_queue("letters")
    broker.kill()
    assert not broker.running()
    broker.start()
    assert broker.uri() == address
    assert take(address) == "first"
    assert broker.ctl("list_queues", "name").split() == ["name", "letters"]
    broker.stop()


def test_two_brokers_side_by_side_do_not_see_each_other(broker: Broker, folder: Path) -> None:
    other = Broker(folder / "other", settings={"consumer_timeout": "60000"}, die_with_parent=True)
    other.start()
    assert set(broker.ports.values()).isdisjoint(other.ports.values())
    publish(other.uri(), "only there")
    assert "letters" not in {queue["name"] for queue in broker.management("GET", "/api/queues")}
    assert "60000" in other.ctl("eval", "application:get_env(rabbit, consumer_timeout).")
    assert not [port for port in other.ports.values() if listening(port) not in ("", "127.0.0.1")]
    other.kill()
    assert broker.running()
    assert broker.management("GET", "/api/overview")


def listening(port: int) -> str:
    """The address on which something listens at the port, or nothing."""
    found = subprocess.run(["ss", "-Hltn", f"sport = :{port}"], capture_output=True, text=True, check=True).stdout
    return " ".join(line.split()[3].rpartition(":")[0] for line in found.splitlines())


def test_a_broker_made_again_finds_the_running_one(folder: Path) -> None:
    first = Broker(folder / "same", die_with_parent=True)
    first.start()
    again = Broker(folder / "same")
    assert again.pid == first.pid
    again.stop()
    assert not first.running()


def test_users_permissions_and_virtual_hosts_are_made_while_it_runs(broker: Broker) -> None:
    own = definitions.topic_permission("431023999", "county", "amq.topic", write="^431023999\\.", read="^$")
    township = definitions.merged(
        {"vhosts": [definitions.vhost("county")], "users": [definitions.user("431023999", "secret")]},
        {"permissions": [definitions.permission("431023999", "county", configure="^431023999")]},
        {"topic_permissions": [own]},
        {"policies": [definitions.policy("county", "limit", "^431023999", {"delivery-limit": 1000})]},
    )  # fmt: skip
    broker.apply(township)
    address = broker.uri("431023999", "secret", "county")
    with kombu.Connection(address) as connection:
        producer = kombu.Producer(connection, exchange=kombu.Exchange("amq.topic", type="topic", passive=True))
        producer.publish("own", routing_key="431023999.assignment.replied")
    with kombu.Connection(address) as connection, pytest.raises(Exception, match="ACCESS_REFUSED"):
        kombu.Exchange("foreign", channel=connection.default_channel).declare()
    broker.delete_user("431023999")
    broker.delete_vhost("county")
    with pytest.raises(ManagementError, match="404"):
        broker.management("GET", "/api/vhosts/county")


def test_a_paused_broker_keeps_connections_open_and_answers_after_resume(folder: Path) -> None:
    broker = Broker(folder / "paused", die_with_parent=True)
    broker.start()
    publish(broker.uri(), "before")
    broker.pause()
    assert broker.running()
    with pytest.raises(OSError, match="timed out"):
        kombu.Connection(broker.uri(), connect_timeout=1, transport_options={"read_timeout": 1}).connect()
    broker.resume()
    assert take(broker.uri()) == "before"


def test_committed_rows_survive_kill_9_of_postgresql(folder: Path) -> None:
    database = Database(folder / "postgres", die_with_parent=True)
    database.start()
    url = database.create("county")
    run(url, "CREATE TABLE petition (id int)")
    run(url, "INSERT INTO petition VALUES (1)")
    database.kill()
    with pytest.raises(psycopg2.OperationalError):
        run(url, "SELECT 1")
    database.start()
    assert run(url, "SELECT id FROM petition") == [(1,)]
    assert run(url, "SHOW fsync") == [("on",)]
    database.restart()
    assert run(url, "SELECT id FROM petition") == [(1,)]
    database.stop()


def test_each_test_may_have_a_database_of_its_own(database: Database) -> None:
    run(database.create("pattern"), "CREATE TABLE thing (id int)")
    copy = database.create("copy", template="pattern")
    assert run(copy, "SELECT count(*) FROM thing") == [(0,)]
    lower = "SELECT datcollate, lower('ÄÖ') FROM pg_database WHERE datname = 'copy'"
    assert run(copy, lower) == [("C.UTF-8", "äö")]
    database.drop("copy")
    database.drop("pattern")
    with pytest.raises(psycopg2.OperationalError, match="does not exist"):
        run(copy, "SELECT 1")


def test_with_passwords_nobody_signs_in_without_one(folder: Path) -> None:
    database = Database(folder / "closed", passwords=True, die_with_parent=True)
    database.start()
    assert run(database.url(), "SELECT 1") == [(1,)]
    with pytest.raises(psycopg2.OperationalError, match="password"):
        run(database.url(password="wrong"), "SELECT 1")


def test_a_template_is_copied(folder: Path) -> None:
    for name in ("first", "second"):
        database = Database(folder / name, template=folder / "template", die_with_parent=True)
        database.start()
        assert run(database.url(), "SELECT 1") == [(1,)]
        database.kill()
    assert (folder / "template" / "PG_VERSION").exists()


@pytest.mark.skipif("os.geteuid() != 0", reason="only root has to change into somebody else")
def test_root_can_run_it_in_a_folder_that_is_closed_to_others(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    try:
        database = Database(closed / "postgres", die_with_parent=True)
        database.start()
    except unprivileged.CannotDropRoot as reason:
        assert f"chmod o+x {closed}" in str(reason)  # noqa: PT017 - either it works or it says what to do
        return
    assert run(database.url(), "SELECT 1") == [(1,)]
    database.kill()


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url, connect_timeout=5)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_ports_are_free_and_never_given_twice() -> None:
    taken = [ports.free_port() for _ in range(50)]
    assert len(set(taken)) == 50
    assert all(ports.is_free(port) for port in taken)
    script = "from deploy.dev.ports import free_port\nprint(*(free_port() for _ in range(2000)))"
    others = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert set(taken).isdisjoint(map(int, others))


def test_a_process_ends_with_all_its_children(folder: Path) -> None:
    parent = Process("parent", ["sh", "-c", "sleep 600 & setsid sleep 601 & wait; wait"], folder=folder)
    parent.start()
    pid = parent.pid
    assert pid
    until(lambda: len(procfs.family(pid)) == 2, timeout=5, what="its children")
    children = procfs.family(pid)
    assert Process("parent", [], folder=folder).alive()
    assert sweep(folder) == ["parent"]
    assert not any(procfs.look(child.pid) for child in children)


WITHOUT_ITS_FIRST_THREAD = (
    "import ctypes, signal, socket, sys, threading\n"
    "server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
    "threading.Thread(target=signal.pause).start()\n"
    "ctypes.CDLL(None).pthread_exit(None)\n"
)


def test_a_program_lives_and_holds_its_port_until_its_last_thread_is_gone(folder: Path) -> None:
    """A server of many threads that is killed on a busy machine: the first thread is gone before the others give its port back."""
    port = ports.free_port()
    process = Process("headless", [sys.executable, "-c", WITHOUT_ITS_FIRST_THREAD, str(port)], folder=folder)
    process.start()
    status = Path(f"/proc/{process.pid}/status")
    until(lambda: "State:\tZ" in status.read_text(), timeout=10, what="the first thread to end")
    assert process.alive()
    assert not ports.is_free(port)
    process.kill()
    assert ports.is_free(port)


def test_stop_says_whether_it_had_to_use_force(folder: Path) -> None:
    willing = Process("willing", ["sleep", "600"], folder=folder)
    willing.start()
    assert willing.stop() is True
    script = "import signal\nsignal.pthread_sigmask(0, [15])\nopen('up', 'w')\nsignal.pause()"
    deaf = Process("deaf", [sys.executable, "-c", script], folder=folder, cwd=folder)
    deaf.start()
    deaf.wait((folder / "up").exists, timeout=10, what="its file")
    assert deaf.stop(timeout=0.2) is False
    assert not deaf.alive()


def test_a_program_dies_with_its_starter(folder: Path) -> None:
    script = f"""
from pathlib import Path
from deploy.dev.processes import Process
import os, signal
program = Process("left", ["sleep", "600"], folder=Path({str(folder)!r}), die_with_parent=True)
program.start()
os.kill(os.getpid(), signal.SIGKILL)
"""
    gone = subprocess.run([sys.executable, "-c", script])
    assert gone.returncode == -signal.SIGKILL
    until(lambda: not Process("left", [], folder=folder).alive(), timeout=5, what="the orphan to die")


def test_a_database_dies_with_its_starter_although_another_user_runs_it(folder: Path) -> None:
    script = f"""
from pathlib import Path
from deploy.dev.database import Database
import os, signal
Database(Path({str(folder)!r}) / "left", die_with_parent=True).start()
os.kill(os.getpid(), signal.SIGKILL)
"""
    gone = subprocess.run([sys.executable, "-c", script])
    assert gone.returncode == -signal.SIGKILL
    until(lambda: not Process("database", [], folder=folder / "left").alive(), timeout=5, what="the orphan to die")


def test_waiting_for_a_dead_program_shows_its_last_words(folder: Path) -> None:
    program = Process("short", ["sh", "-c", "echo no such county >&2; exit 3"], folder=folder)
    program.start()
    with pytest.raises(DiedEarly, match="no such county"):
        program.wait_http("http://127.0.0.1:9/", timeout=10)


def test_waiting_for_http_takes_any_answer_below_500(folder: Path) -> None:
    answers = iter([503, 404])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(answers))
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    program = Process("waiting", ["sleep", "60"], folder=folder)
    program.start()
    assert program.wait_http(f"http://127.0.0.1:{server.server_port}/", timeout=5) > 0
    server.shutdown()
    server.server_close()
    program.kill()
