"""The townships' side of B8: the product's relays of many instances in one process, one thread and one link each.

`python -m bench.townships FILE`: FILE holds a JSON list of environments. Runs until it is stopped.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path

from shared import logs
from shared.bus.relay import Relay
from shared.config import load


def main() -> None:
    """Relay until SIGTERM."""
    logs.configure()
    relays = [Relay(load(environment), "routing") for environment in json.loads(Path(sys.argv[1]).read_text())]
    threads = [threading.Thread(target=relay.run) for relay in relays]

    def stop(*_: object) -> None:
        for relay in relays:
            relay.stop()

    signal.signal(signal.SIGTERM, stop)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
