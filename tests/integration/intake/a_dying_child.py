"""Stands in for the process that reads a file, and dies of what is in it."""

import os
import signal
import sys

if __name__ == "__main__":
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        if file.read() == b"kill":
            os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(3)
