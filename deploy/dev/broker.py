"""A private RabbitMQ node, for one demo, one test run or one measurement."""

import os
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import amqp

from deploy.dev import definitions as made
from deploy.dev import management, rabbitmq
from deploy.dev.ports import LOOPBACK, free_port
from deploy.dev.processes import Process
from deploy.dev.state import State, remembered, save, settle_ports
from deploy.dev.waiting import until

ADMIN = "admin"
_PORTS = ("amqp", "dist", "no_epmd", "management", "prometheus")


class Broker:
    """A RabbitMQ node of its own in ``folder``: own name, data, ports, secrets; loopback only; no epmd.

    It disturbs no other node on the machine, the system's included. What is published durably survives
    ``stop``, ``kill`` and the end of the starter: a Broker made again with the same folder is the same node
    (and, while it runs, finds it running). Ports stay the same as long as no stranger takes them in between.

    ``definitions`` (see deploy.dev.definitions) are imported at each start, before clients may
    connect; an administrator and the virtual host "/" are added. ``plugins`` are RabbitMQ's names, such as
    "rabbitmq_management" or "rabbitmq_consistent_hash_exchange". ``settings`` are lines of
    rabbitmq.conf, such as {"consumer_timeout": "30000", "disk_free_limit.absolute": "1GB"} or
    {"vm_memory_high_watermark.absolute": "400MB"}.
    """

    def __init__(
        self,
        folder: Path,
        *,
        definitions: made.Definitions | None = None,
        plugins: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
        die_with_parent: bool = False,
    ) -> None:
        self.folder = folder.resolve()
        self._definitions = definitions or {}
        self._plugins = tuple(plugins)
        self._settings = dict(settings or {})
        self._state_file = self.folder / "state.json"
        self._state = remembered(self._state_file, _new_state)
        self._process = self._new_process(die_with_parent)
        self._die_with_parent = die_with_parent

    def start(self, *, timeout: float = 60) -> float:
        """Seconds until a client can sign in; TimeoutError, or DiedEarly with the log's end."""
        if not self.running():
            settle_ports(self._state_file, self._state)
            rabbitmq.configure(self.folder, self.ports, self._plugins, self._settings)
            rabbitmq.write_cookie(self.folder, self._state["cookie"])
            save(self.folder / "definitions.json", made.merged(self._base(), self._definitions))
            self._process = self._new_process(self._die_with_parent)
            self._process.start()
        return self._process.wait(self._ready, timeout=timeout, what="RabbitMQ to take connections")

    def stop(self, *, timeout: float = 30) -> None:
        """Shut down in order, by force after ``timeout`` seconds; no error if it does not run."""
        self._process.stop(timeout=timeout)

    def kill(self) -> None:
        """kill -9. Returns when the node and its helpers are gone and ``start`` may be called.

        RabbitMQ 3.10 notes a new quorum queue on disk half a second late. Killed before, it loses the queue
        and everything confirmed in it, and the queue stays without a leader: see ``wait_for_queue``.
        """
        self._process.kill()

    def wait_for_queue(self, queue: str, vhost: str = "/", *, timeout: float = 10) -> None:
        """Return when a declared quorum queue is on disk and so survives ``kill``; else TimeoutError."""
        until(
            lambda: rabbitmq.on_disk(self.folder, queue, vhost),
            timeout=timeout,
            what=f"queue {queue} to be noted on disk",
        )

    def pause(self) -> None:
        """SIGSTOP: connections stay open, nothing answers."""
        self._process.pause()

    def resume(self) -> None:
        """SIGCONT."""
        self._process.resume()

    def running(self) -> bool:
        """Whether the node's process lives; a paused one does."""
        return self._process.alive()

    @property
    def pid(self) -> int | None:
        """The node's process number, or None."""
        return self._process.pid

    @property
    def ports(self) -> Mapping[str, int]:
        """Loopback ports by name: "amqp", "dist", and "management", "prometheus" if those plugins are on."""
        ports: dict[str, int] = self._state["ports"]
        return ports

    def uri(self, user: str = ADMIN, password: str | None = None, vhost: str = "/") -> str:
        """The AMQP address for a user; without a password only the administrator's is known."""
        secret = password if password is not None else self._password_of(user)
        place = f"{quote(user, safe='')}:{quote(secret, safe='')}@{LOOPBACK}:{self.ports['amqp']}"
        return f"amqp://{place}/{quote(vhost, safe='')}"

    def ctl(self, *arguments: str, timeout: float = 120) -> str:
        """What rabbitmqctl prints: in half a second each, or half a minute on a machine that is full of work. CalledProcessError if it fails."""
        done = subprocess.run(
            [rabbitmq.script("rabbitmqctl"), "--quiet", "--node", self._state["node"], *arguments],
            env=os.environ | rabbitmq.environment(self.folder, self._state["node"], self.ports, server=False),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=True,
        )
        return done.stdout

    def management(self, method: str, path: str, body: object = None) -> Any:
        """The management API's decoded answer, e.g. ("GET", "/api/queues/%2F"); ManagementError if refused.

        Only with the plugin "rabbitmq_management"; counters there are up to five seconds old.
        """
        return management.call(self.management_url, ADMIN, self._password_of(ADMIN), method, path, body)

    @property
    def management_url(self) -> str:
        """Address of the management API and pages; RuntimeError if the plugin is off."""
        if not self._manageable():
            raise RuntimeError('this broker was made without the plugin "rabbitmq_management"')
        return f"http://{LOOPBACK}:{self.ports['management']}"

    def apply(self, definitions: made.Definitions) -> None:
        """Add virtual hosts, users, permissions, policies, queues to the running node, all in one call."""
        if self._manageable():
            self.management("POST", "/api/definitions", dict(definitions))
            return
        extra = self.folder / "applied.json"
        save(extra, dict(definitions))
        self.ctl("import_definitions", str(extra))

    def add_vhost(self, name: str) -> None:
        """Make a virtual host in which the administrator may do everything."""
        self.apply({"vhosts": [made.vhost(name)], "permissions": [made.permission(ADMIN, name)]})

    def delete_vhost(self, name: str) -> None:
        """Delete a virtual host with everything in it."""
        self._delete(f"vhosts/{management.part(name)}", "delete_vhost", name)

    def delete_user(self, name: str) -> None:
        """Delete a user; its connections are closed."""
        self._delete(f"users/{management.part(name)}", "delete_user", name)

    def _delete(self, path: str, *command: str) -> None:
        if self._manageable():
            self.management("DELETE", f"/api/{path}")
        else:
            self.ctl(*command)

    def _manageable(self) -> bool:
        return "rabbitmq_management" in self._plugins

    def _password_of(self, user: str) -> str:
        if user != ADMIN:
            raise ValueError(f"the password of {user!r} is not known here: pass it")
        return str(self._state["password"])

    def _base(self) -> made.Definitions:
        return {
            "vhosts": [made.vhost("/")],
            "users": [made.user(ADMIN, self._password_of(ADMIN), "administrator")],
            "permissions": [made.permission(ADMIN, "/")],
        }

    def _new_process(self, die_with_parent: bool) -> Process:
        return Process(
            "broker",
            [rabbitmq.script("rabbitmq-server")],
            folder=self.folder,
            env=rabbitmq.environment(self.folder, self._state["node"], self.ports, server=True),
            cwd=self.folder,
            die_with_parent=die_with_parent,
        )

    def _ready(self) -> bool:
        try:
            with amqp.Connection(
                f"{LOOPBACK}:{self.ports['amqp']}",
                ADMIN,
                self._password_of(ADMIN),
                connect_timeout=2,
                read_timeout=5,
            ):
                pass
            return not self._manageable() or bool(self.management("GET", "/api/overview"))
        except (OSError, amqp.exceptions.AMQPError, management.ManagementError):
            return False


def _new_state() -> State:
    return {
        "node": f"zhida-{secrets.token_hex(4)}@localhost",
        "cookie": secrets.token_hex(16),
        "password": secrets.token_urlsafe(18),
        "ports": {name: free_port() for name in _PORTS},
    }
