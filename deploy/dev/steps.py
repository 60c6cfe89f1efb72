"""The list of steps with seconds that a command prints while it sets something up."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Steps:
    """Prints a line for each step when it has ended, on stderr: stdout is for results."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._started = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Time what happens inside. An error is marked and passed on."""
        began = time.monotonic()
        try:
            with self._console.status(title):
                yield
        except BaseException:
            self._console.print(f"[red]✗[/] {title}  [dim]{time.monotonic() - began:.1f} s[/]")
            raise
        self._console.print(f"[green]✓[/] {title}  [dim]{time.monotonic() - began:.1f} s[/]")

    def finish(self, title: str) -> None:
        """The last line, with the seconds since the first step."""
        self._console.print(f"[bold]{title}[/]  [dim]{time.monotonic() - self._started:.1f} s[/]")
