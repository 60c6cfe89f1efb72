"""The process that sets a PDF: on its standard input a JSON object {page, enclosed: {name: text}}, PDF on its standard output."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from weasyprint import HTML, Attachment
from weasyprint.urls import URLFetcher


class Nothing(URLFetcher):
    """What a page asks for from elsewhere it does not get; it is set without."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Refuse. Raises ValueError, which the page outlives."""
        raise ValueError(f"{url} is outside the page")


def main() -> None:
    """Set what comes in."""
    told = json.load(sys.stdin.buffer)
    enclosed = [Attachment(string=text, name=name) for name, text in told["enclosed"].items()]
    made = HTML(string=told["page"], url_fetcher=Nothing())
    sys.stdout.buffer.write(made.write_pdf(presentational_hints=True, attachments=enclosed))
    sys.stdout.buffer.flush()
    os._exit(
        0
    )  # at a process's orderly end HarfBuzz now and then frees what is gone (a segmentation fault), and the PDF was made


if __name__ == "__main__":
    main()
