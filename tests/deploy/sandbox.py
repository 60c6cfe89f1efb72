"""A process as a cluster would run it: another root that cannot be written, a numeric user without rights, files for secrets.

There is no container engine here: bubblewrap makes the same walls, and the checkout's packages stand for the image's.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.deploy.kubelet import Prepared
from tests.deploy.manifests import ROOT

USER = "10001"
VENV = Path(sys.executable).parent.parent


def _image_environment() -> dict[str, str]:
    """What the image's recipe sets."""
    (line,) = re.findall(r"^ENV PATH=.*$", (ROOT / "deploy/Containerfile").read_text(), re.MULTILINE)
    return dict(word.split("=", 1) for word in line.split()[1:]) | {"PATH": f"{VENV}/bin:/usr/bin:/bin"}


def _walls(prepared: Prepared, options: list[str]) -> list[str]:
    """A root of its own, made of what this machine's system, Python and checkout hold; then it is closed."""
    command = ["bwrap", "--unshare-user", "--uid", USER, "--gid", USER, "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--clearenv",
               "--cap-drop", "ALL", "--tmpfs", "/", "--proc", "/proc", "--dev", "/dev"]  # fmt: skip
    for path in ("/usr", "/bin", "/lib", "/lib64", "/sbin"):
        if Path(path).is_symlink():
            command += ["--symlink", str(Path(path).readlink()), path]
        elif Path(path).is_dir():
            command += ["--ro-bind", path, path]
    for path in ("/etc/ld.so.cache", "/etc/fonts", "/etc/ssl", "/etc/hosts", "/etc/nsswitch.conf"):
        command += ["--ro-bind-try", path, path]
    for room in ("services", "shared"):
        command += ["--ro-bind", str(ROOT / room), f"/app/{room}"]
    for here, there, writable in prepared.mounts:
        command += ["--bind" if writable else "--ro-bind", str(here), there]
    for path in dict.fromkeys([str(VENV), sys.base_prefix]):  # last: a checkout may lie under the pod's own /tmp
        command += ["--ro-bind", path, path] if not path.startswith("/usr") else []
    for name, value in {**_image_environment(), **prepared.env}.items():
        command += ["--setenv", name, value]
    return [*command, *options, "--chdir", "/app", "--remount-ro", "/"]


class Contained:
    """A process behind walls; `log` takes what it says. `options` are bubblewrap's own, such as another network."""

    def __init__(self, prepared: Prepared, log: Path, *options: str) -> None:
        self.log = log
        told, tell = os.pipe()
        with log.open("ab") as out:
            self._monitor = subprocess.Popen(
                [*_walls(prepared, list(options)), "--info-fd", str(tell), "--", *prepared.command],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, pass_fds=(tell,),
            )  # fmt: skip
        os.close(tell)
        with os.fdopen(told) as answer:
            said = answer.read()
        assert said, f"bubblewrap made no walls: {log.read_text()}"
        self._init: int = json.loads(said)["child-pid"]

    def running(self) -> bool:
        return self._monitor.poll() is None

    def wait(self, timeout: float) -> int:
        """Its exit code."""
        return self._monitor.wait(timeout)

    def stop(self, timeout: float) -> int:
        """Ask it to end as a kubelet does; its exit code. TimeoutExpired if it is still there."""
        for pid in _children(self._init):
            os.kill(pid, signal.SIGTERM)
        return self.wait(timeout)

    def kill(self) -> None:
        if self.running():
            self._monitor.kill()
            self._monitor.wait(10)


def _children(pid: int) -> list[int]:
    """The first process behind the walls is bubblewrap's own, which buries the dead; ours is below it."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
