"""Routing's pages: review, assignments, cases, replies, directory, signing in. Modules by topic; one blueprint."""

from services.routing.web import (
    accountability,
    accounts,
    alerts,
    appointing,
    assignments,
    auditing,
    cases,
    delegating,
    delegation,
    directory,
    directory_file,
    enclosures,
    handover,
    instructions,
    oidc,
    phrases,
    protocol,
    recusal,
    referral,
    replies,
    replying,
    review,
    rules,
    searching,
    second_factor,
    signing_keys,
    sync,
    times,
    tries,
    uploads,
    verification,
)
from services.routing.web.common import blueprint

__all__ = [
    "accountability", "accounts", "alerts", "appointing", "assignments", "auditing", "blueprint", "cases", "delegating", "delegation", "directory",
    "directory_file", "enclosures", "handover", "instructions", "oidc", "phrases", "protocol", "recusal", "referral", "replies",
    "replying", "review", "rules", "searching", "second_factor", "signing_keys", "sync", "times", "tries", "uploads", "verification",
]  # fmt: skip
