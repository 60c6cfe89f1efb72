"""A worker process of a measure: the product's own runner with the service of bench.hop, or of another module that is named first."""

from __future__ import annotations

import importlib
import os
import sys

from shared.bus import worker  # patches the standard library: nothing of eventlet's users may be imported before it
from shared.config import load

if __name__ == "__main__":
    name = sys.argv[1] if sys.argv[1:2] and sys.argv[1].startswith("bench.") else "bench.hop"
    worker.run(load(), [importlib.import_module(name).Service])
    os._exit(0)
