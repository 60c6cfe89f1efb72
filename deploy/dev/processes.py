"""One program in the background, with a log file, a note of its number and a certain end."""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.dev import procfs
from deploy.dev.waiting import until

_SUFFIX = ".process"  # not ".pid": PostgreSQL and RabbitMQ keep files of that name for themselves


class DiedEarly(RuntimeError):
    """The program ended before it was ready; the message ends with its last lines."""


class Process:
    """A program under ``folder``: ``<name>.log`` takes its output, ``<name>.process`` names the running one.

    Another Python process that makes the same Process finds the running program by that file, so a crashed
    starter leaves nothing that cannot be stopped. A pid that went to a stranger meanwhile is never touched.
    With ``die_with_parent`` the kernel ends the program as soon as its starter is gone, however it went.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        prefix: Sequence[str] = (),
        die_with_parent: bool = False,
    ) -> None:
        """``env`` is added to the environment of the starter; ``prefix`` goes before the command and changes who runs it."""
        self.name = name
        self.log = folder / f"{name}.log"
        self._prefix, self._command = list(prefix), list(command)
        self._pid_file = folder / f"{name}{_SUFFIX}"
        self._env = dict(env or {})
        self._cwd = cwd
        self._die_with_parent = die_with_parent
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program in a session of its own; nothing happens if it runs already."""
        if self.alive():
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        tether = _tether() if self._die_with_parent else []
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self._prefix + tether + self._command,  # the kernel forgets the tether of a program that changes its user
                env={**os.environ, **self._env},
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        stat = procfs.look(self._child.pid)
        started = stat.started if stat else 0
        self._pid_file.write_text(json.dumps({"pid": self._child.pid, "started": started}))

    @property
    def pid(self) -> int | None:
        """The running program's process number, or None."""
        stat = self._stat()
        return stat.pid if stat else None

    def alive(self) -> bool:
        """Whether the program runs (a stopped or paused one runs, a zombie does not)."""
        return self._stat() is not None

    def wait(self, condition: Callable[[], bool], *, timeout: float, what: str) -> float:
        """Seconds until ``condition()``; TimeoutError after ``timeout`` seconds, DiedEarly if it ended."""

        def ready() -> bool:
            if not self.alive():
                raise DiedEarly(f"{self.name} ended while waiting for {what}; {self.log}:\n{self.tail()}")
            return condition()

        return until(ready, timeout=timeout, what=f"{self.name}: {what}")

    def wait_http(self, url: str, *, timeout: float = 30) -> float:
        """Seconds until the address answers with anything below 500; errors as in ``wait``."""
        return self.wait(lambda: _answers(url), timeout=timeout, what=f"an answer from {url}")

    def stop(self, *, by: signal.Signals = signal.SIGTERM, timeout: float = 15) -> bool:
        """Ask it to end, by force after ``timeout`` seconds; whether it went by itself. No child is left."""
        stat = self._stat()
        if stat is None:
            self._forget()
            return True
        relatives = procfs.family(stat.pid)
        self._send(by)
        try:
            until(lambda: not self.alive(), timeout=timeout, what=f"{self.name} to stop")
            went = True
        except TimeoutError:
            went = False
            self.kill()
        _end([*relatives, *_left_behind(stat)])
        self._forget()
        return went

    def kill(self) -> None:
        """End it and everything that it started at once, as a power cut would; returns when they are gone."""
        stat = self._stat()
        if stat:
            relatives = procfs.family(stat.pid)
            self._send(signal.SIGKILL)
            until(lambda: not self.alive(), timeout=10, what=f"{self.name} to die")
            _end([*relatives, *_left_behind(stat)])
        self._forget()

    def pause(self) -> None:
        """Freeze the program (SIGSTOP): its connections stay open and nothing answers."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen program go on."""
        self._send(signal.SIGCONT)

    def tail(self, lines: int = 15) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _stat(self) -> procfs.Stat | None:
        if self._child:
            self._child.poll()  # buries it if it has ended
        try:
            known = json.loads(self._pid_file.read_text())
        except (OSError, ValueError):
            return None
        stat = procfs.look(known["pid"])
        return stat if stat and stat.started == known["started"] else None

    def _send(self, number: signal.Signals) -> None:
        stat = self._stat()
        if stat:
            os.kill(stat.pid, number)

    def _forget(self) -> None:
        if self._child:
            self._child.poll()
        self._pid_file.unlink(missing_ok=True)


def _tether() -> list[str]:
    """What goes before a command so that the kernel ends it as soon as this process is gone.

    No Python code runs between fork and exec. If this process dies before the kernel is told, the program
    sees another parent than the one it was started by, and does not begin.
    """
    begin = 'test "$PPID" = "$0" && exec "$@"'
    return ["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", begin, str(os.getpid())]


def sweep(folder: Path) -> list[str]:
    """Stop every program that is noted anywhere under the folder; the names of those that ran."""
    found = [Process(path.stem, [], folder=path.parent) for path in sorted(folder.rglob(f"*{_SUFFIX}"))]
    running = [process for process in found if process.alive()]
    for process in found:
        process.stop()
    return [process.name for process in running]


def _left_behind(ended: procfs.Stat) -> list[procfs.Stat]:
    """What a program started in its last moment is of its group still; unless its number is a stranger's already."""
    return [] if procfs.look(ended.pid) else procfs.family(ended.pid)


def _end(relatives: list[procfs.Stat]) -> None:
    """Kill those of the processes that still live, and wait until none does."""

    def left() -> list[procfs.Stat]:
        return [old for old in relatives if (now := procfs.look(old.pid)) and now.started == old.started]

    for stat in left():
        try:
            os.kill(stat.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    until(lambda: not left(), timeout=10, what="child processes to die")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - only addresses of our own processes
            return True
    except urllib.error.HTTPError as answer:
        return answer.code < 500
    except OSError:
        return False
