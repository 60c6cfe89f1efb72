"""`python -m services.routing.learner MEMORY_MB <cases >counts`: split the words, count, and tell."""

from __future__ import annotations

import json
import resource
import sys
from uuid import UUID

from services.routing.domain.learning import Past, divided, learn, vocabulary
from services.routing.domain.rules import Traits


def main() -> None:
    """Read cases from standard input, write what they teach to standard output."""
    most = int(sys.argv[1]) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import rjieba  # its dictionary counts as what is learnt with

    past = [Past(UUID(key), Traits(*case), tuple(units)) for key, *case, units in json.load(sys.stdin)]
    taught, _ = divided(past)
    found = {
        name: learn(cases, vocabulary(rjieba.cut(one.case.text) for one in cases)).as_data()
        for name, cases in (("model", past), ("part", taught))
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    json.dump(found | {"memory_mb": memory}, sys.stdout, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
