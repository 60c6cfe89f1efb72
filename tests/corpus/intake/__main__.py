"""`python -m tests.corpus.intake FOLDER` writes the mails out."""

import sys
from pathlib import Path

from tests.corpus.intake import write

write(Path(sys.argv[1]))
