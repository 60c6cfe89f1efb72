"""Routing's pages: review, assignments, cases, replies, directory, signing in. Modules by topic; one blueprint."""

from services.routing.web import accounts, assignments, cases, directory, replies, review
from services.routing.web.common import blueprint

__all__ = ["accounts", "assignments", "blueprint", "cases", "directory", "replies", "review"]
