"""Twins by name: ways in which the code could have been written wrongly, each of which has been seen somewhere."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults import twins_in, twins_out

TWINS: dict[str, Callable[[], None]] = {
    name.removeprefix("_"): twin
    for module in (twins_in, twins_out)
    for name, twin in vars(module).items()
    if getattr(twin, "__module__", "") == module.__name__
}
