"""What Linux says about processes: enough to end all of a server's and none of anybody else's."""

from pathlib import Path
from typing import NamedTuple


class Stat(NamedTuple):
    """One process. ``started`` (clock ticks since boot) tells it from a later one with the same number."""

    pid: int
    state: str
    parent: int
    group: int
    started: int


def look(pid: int) -> Stat | None:
    """The process, or None if it is gone or only waits to be buried (a zombie).

    The first of its threads may have ended before the others; until the last has, its sockets are open and its ports taken.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (OSError, ValueError):
        return None
    # The name in brackets may itself hold spaces and brackets.
    fields = text[text.rindex(")") + 2 :].split()
    threads = int(fields[17])
    if fields[0] in "ZX" and threads <= 1:
        return None
    return Stat(pid, fields[0], int(fields[1]), int(fields[2]), int(fields[19]))


def family(pid: int) -> list[Stat]:
    """Every living descendant of the process and every other member of its group, without itself.

    Some servers' children leave the group (PostgreSQL's do), and some outlive their parent: both are found.
    """
    everyone = [stat for entry in Path("/proc").iterdir() if entry.name.isdigit() if (stat := look(int(entry.name)))]
    found = {pid}
    grew = True
    while grew:
        more = {stat.pid for stat in everyone if stat.parent in found or stat.group == pid} - found
        found |= more
        grew = bool(more)
    return [stat for stat in everyone if stat.pid in found and stat.pid != pid]
