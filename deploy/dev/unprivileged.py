"""Running a program that refuses to be root, when the one who starts it is root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NOBODY = "nobody"


class CannotDropRoot(RuntimeError):
    """PostgreSQL would have to run as root; the message says in one line what to do."""


@dataclass(frozen=True)
class Identity:
    """``prefix`` goes before the command; ``owner`` (user and group number) must own the data folder."""

    prefix: tuple[str, ...]
    owner: tuple[int, int]


def identity(*needed: Path) -> Identity:
    """How to run a program without root's rights that still reaches every needed path. Creates no user.

    Root becomes "nobody" where nobody may pass. Otherwise, as in a checkout under /root, the same user in a user
    namespace in which it is not root, or, where the machine forbids those, "nobody" with the one capability to pass
    closed folders. CannotDropRoot if none of these is possible.
    """
    if os.geteuid() != 0:
        return Identity((), (os.geteuid(), os.getegid()))
    closed = [folder for path in needed for folder in _closed(path)]
    user = pwd.getpwnam(_NOBODY)
    nobody = ("setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups")
    if not closed:
        return Identity((*nobody, "--"), (user.pw_uid, user.pw_gid))
    apart = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
    if _works(apart):
        return Identity(apart, (0, 0))
    # Without the bit, access(2) ignores the capability for a user who is not root, and initdb finds no binaries.
    passing = (
        *nobody,
        "--securebits",
        "+no_setuid_fixup",
        "--inh-caps",
        "+dac_read_search",
        "--ambient-caps",
        "+dac_read_search",
        "--",
    )
    if _works(passing):
        return Identity(passing, (user.pw_uid, user.pw_gid))
    raise CannotDropRoot(
        f"PostgreSQL does not run as root, and user {_NOBODY} may not pass {closed[0]}: "
        f"run `chmod o+x {closed[0]}`, move the checkout, or work as an ordinary user"
    )


def _works(prefix: tuple[str, ...]) -> bool:
    return bool(shutil.which(prefix[0])) and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0


def hand_over(folder: Path, owner: tuple[int, int]) -> None:
    """Give the folder and all in it to the owner, if it is another's."""
    if (folder.stat().st_uid, folder.stat().st_gid) == owner:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, *owner, follow_symlinks=False)


def _closed(path: Path) -> list[Path]:
    """The folders above the path that not everybody may pass, outermost first."""
    return [folder for folder in reversed(path.resolve().parents) if not folder.stat().st_mode & 0o001]
