"""The worker process of the hop: the product's own runner with the service of bench.hop in routing's place."""

from __future__ import annotations

import importlib
import os

from shared.bus import worker  # patches the standard library: nothing of eventlet's users may be imported before it
from shared.config import load

if __name__ == "__main__":
    worker.run(load(), [importlib.import_module("bench.hop").Service])
    os._exit(0)
