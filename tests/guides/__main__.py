"""`make pictures`: walk through every task of the guides and take docs/pictures anew. Look at each before it is committed."""

from __future__ import annotations

from deploy.dev.instance import ROOT
from deploy.dev.steps import Steps
from tests.guides.guide import opened
from tests.guides.walk import walk

if __name__ == "__main__":
    steps = Steps()
    with opened(ROOT / ".local" / "guides", ROOT / "docs" / "pictures", steps) as guide:
        walk(guide)
    steps.finish(f"{len(guide.taken)} pictures")
