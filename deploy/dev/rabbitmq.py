"""How a RabbitMQ node is run from the distribution's package without touching the system's own node."""

import glob
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from deploy.dev.ports import LOOPBACK

# /usr/sbin/rabbitmq-server changes to the system node's user and folder; the script behind it does not.
_SCRIPT_FOLDERS = (
    "/usr/lib/rabbitmq/bin",
    "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin",
    "/opt/rabbitmq/sbin",
)

# RabbitMQ switches busy waiting off. Starting is tens of thousands of short file operations, each handed from
# thread to thread: with a very short wait a node is up in 3 s instead of 7 s, and idles as cheaply.
_SCHEDULERS = "+S 2:2 +sbwt very_short +sbwtdcpu very_short +sbwtdio very_short"


def script(name: str) -> str:
    """The path of rabbitmq-server or rabbitmqctl; FileNotFoundError says how to get it."""
    for pattern in _SCRIPT_FOLDERS:
        for folder in sorted(glob.glob(pattern), reverse=True):  # noqa: PTH207 - patterns are absolute
            if os.access(f"{folder}/{name}", os.X_OK):
                return f"{folder}/{name}"
    raise FileNotFoundError(f"{name} not found: run `make setup-system` (or: apt-get install rabbitmq-server)")


def environment(folder: Path, node: str, ports: Mapping[str, int], *, server: bool) -> dict[str, str]:
    """Environment of the node (``server``) or of a command-line tool that talks to it.

    The node is found by its port, so no epmd runs: two nodes know nothing of each other or of the system's.
    """
    dist_port = ports["dist"]
    # Erlang reads ERL_FLAGS for every process, the helpers that the scripts start included.
    loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
    flags = f"-start_epmd false -erl_epmd_port {dist_port} {loopback} {_SCHEDULERS}"
    return {
        "HOME": str(folder / "home"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_NODENAME": node,
        "RABBITMQ_DIST_PORT": str(dist_port),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_SCHEDULER_BIND_TYPE": "u",  # nodes side by side must not be pinned to the same core
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-sname {node}",
        "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the node instead of watching over it
        "ERL_EPMD_PORT": str(ports["no_epmd"]),  # where nobody answers, so that nobody is waited for
        "ERL_FLAGS": flags if server else f"{flags} -dist_listen false",
    }


def configure(folder: Path, ports: Mapping[str, int], plugins: Sequence[str], settings: Mapping[str, str]) -> None:
    """Write rabbitmq.conf and enabled_plugins; ``settings`` (keys as in rabbitmq.conf) win."""
    lines = {
        "listeners.tcp.1": f"{LOOPBACK}:{ports['amqp']}",
        "load_definitions": str(folder / "definitions.json"),
        "disk_free_limit.absolute": "50MB",
        "log.file.level": "info",
        # Two of these files are made at once; the usual half a gigabyte each is for busy servers.
        "raft.wal_max_size_bytes": str(32 * 1024 * 1024),
    }
    if any(name.startswith("rabbitmq_management") for name in plugins):
        lines |= {"management.tcp.ip": LOOPBACK, "management.tcp.port": str(ports["management"])}
    if "rabbitmq_prometheus" in plugins:
        lines |= {"prometheus.tcp.ip": LOOPBACK, "prometheus.tcp.port": str(ports["prometheus"])}
    lines |= settings
    (folder / "home").mkdir(parents=True, exist_ok=True)
    (folder / "rabbitmq.conf").write_text("".join(f"{key} = {value}\n" for key, value in lines.items()))
    (folder / "enabled_plugins").write_text(f"[{','.join(plugins)}].\n")
    (folder / "rabbitmq-env.conf").write_text("")  # in place of the system's own


def write_cookie(folder: Path, secret: str) -> None:
    """The secret that lets rabbitmqctl talk to this node and to no other."""
    cookie = folder / "home" / ".erlang.cookie"
    if not cookie.exists():
        cookie.parent.mkdir(parents=True, exist_ok=True)
        cookie.write_text(secret)
        cookie.chmod(0o400)


def on_disk(folder: Path, queue: str, vhost: str) -> bool:
    """Whether the node has written down that it keeps this quorum queue."""
    name = f"{quote(vhost, safe='')}_{queue}".encode()
    return any(name in path.read_bytes() for path in folder.glob("data/*/quorum/*/names.dets"))
