"""Free TCP ports on the loopback address."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below the range from which Linux takes ports for outgoing connections (32768 and up), so that no client of
# any program sits on a port between the moment it is chosen and the moment its server listens.
_LOWEST, _HIGHEST = 20_000, 31_999

_reserved: dict[int, socket.socket] = {}


def free_port() -> int:
    """A port that nothing listens on and that no other call gets while this process lives.

    That holds across processes of one network namespace too: two runs side by side never get the same one.
    Raises RuntimeError when all ports are taken.
    """
    count = _HIGHEST - _LOWEST + 1
    first = random.randrange(count)  # noqa: S311 - only to spread, nothing secret
    for offset in range(count):
        port = _LOWEST + (first + offset) % count
        if port not in _reserved and is_free(port) and _reserve(port):
            return port
    raise RuntimeError(f"no free port between {_LOWEST} and {_HIGHEST} on {LOOPBACK}")


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections that were closed a moment ago do not count: servers set this option too.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _reserve(port: int) -> bool:
    """Mark the port as ours by a name in the kernel that goes away with this process and leaves no file."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        mark.bind(f"\0zhida-port-{port}")
    except OSError:
        mark.close()
        return False
    _reserved[port] = mark
    return True
