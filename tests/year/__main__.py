"""`python -m tests.year [CASES [SEED [LAST DAY]]]`: plays a year on servers of its own and prints its account as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date

from deploy.replay.county import County
from tests import servers
from tests.year import audit
from tests.year.year import FIRST, Plan, Year, play


def main() -> None:
    """Play one year; exit code 1 when something is wrong."""
    given = [*sys.argv[1:], *("5000", "1", "2017-07-31")[len(sys.argv) - 1 :]]
    plan = Plan(cases=int(given[0]), seed=int(given[1]), last=date.fromisoformat(given[2]))
    with (
        servers.folder() as folder,
        servers.running_broker(folder / "broker") as broker,
        servers.running_database(folder / "db") as database,
    ):
        county = County(folder / "county", broker, database, begin=FIRST)
        county.start()
        begun = time.perf_counter()
        play([Year(county, plan)])
        seconds = time.perf_counter() - begun
        wrong = audit.wrong(county)
        print(
            json.dumps(
                audit.account(county) | {"seconds": round(seconds, 1), "load": os.getloadavg(), "wrong": wrong},
                ensure_ascii=False,
                indent=1,
            )
        )
        county.stop()
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
