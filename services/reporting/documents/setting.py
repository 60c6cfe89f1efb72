"""The process that sets a PDF: HTML on its standard input, PDF on its standard output."""

from __future__ import annotations

import sys
from typing import Any

from weasyprint import HTML


def nothing(url: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """What a page asks for from elsewhere it does not get."""
    raise ValueError(f"{url} is outside the page")


def main() -> None:
    """Set what comes in."""
    page = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(HTML(string=page, url_fetcher=nothing).write_pdf(presentational_hints=True))


if __name__ == "__main__":
    main()
