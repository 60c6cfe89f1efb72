"""`python -m tests.corpus.feeds FOLDER` writes the feeds out."""

import sys
from pathlib import Path

from tests.corpus.feeds import write

write(Path(sys.argv[1]))
