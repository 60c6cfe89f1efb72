"""The databases of the services whose pages this web process carries, one pool for each schema."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import current_app, g, has_request_context

from shared.database import Database, UnitOfWork


def database(service: str) -> Database:
    """The pool of one service. Raises KeyError when this process does not carry it."""
    found: Database = current_app.extensions["zhida.databases"][service]
    return found


def unit_of_work(service: str) -> AbstractContextManager[UnitOfWork]:
    """A transaction in one service's schema; its events carry this request's trace."""
    trace = getattr(g, "traceparent", "") if has_request_context() else ""
    return database(service).unit_of_work(traceparent=trace)
