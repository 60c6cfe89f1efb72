"""Stands in for the process that reads a file, and dies of what is in it."""

import os
import signal
import sys

if __name__ == "__main__":
    what = sys.stdin.buffer.read()
    if what == b"kill":
        os.kill(os.getpid(), signal.SIGKILL)
    while what == b"talk":
        sys.stdout.write("x" * 1000)
    sys.exit(3)
