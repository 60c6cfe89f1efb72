"""Who an official is once signed in.

Roles, posts and scope in this instance, and when a change of them ends his sessions.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from services.routing.domain.directory import Directory
from shared.errors import Refused

# Roles whose work is the whole instance's; the others see their own unit and what lies under it.
WHOLE_INSTANCE = frozenset(
    {
        "clerk",
        "first_in_command",
        "leader",
        "office",
        "supervision_office",
        "followup",
        "auditor",
        "administrator",
    }
)
SESSION = timedelta(hours=12)
LINK = timedelta(hours=24)
SHORTEST_PASSWORD = 10


class Claims(NamedTuple):
    """What the session's token says of an official."""

    name: str
    organisation: str
    posts: tuple[dict[str, str], ...]
    roles: frozenset[str]
    scope: frozenset[str]


def claims(directory: Directory, official: str) -> Claims:
    """The roles and scope of an active official in this instance. Raises Forbidden for one who is not active.

    Scope is `431023*` for roles of the whole instance, else the codes of the official's units and of what
    lies under them.
    """
    found = directory.active(official)
    here = [post for post in found.posts if directory.within(post.organisation, directory.own)]
    roles = frozenset(role for post in here for role in post.roles)
    scope: set[str] = set()
    for post in here:
        whole = not WHOLE_INSTANCE.isdisjoint(post.roles)
        scope |= {f"{directory.own}*"} if whole else directory.subtree(post.organisation)
    return Claims(
        name=found.name,
        organisation=(here or found.posts)[0].organisation,
        posts=tuple({"title": post.title, "org": post.organisation} for post in here),
        roles=roles,
        scope=frozenset({f"{directory.own}*"} if f"{directory.own}*" in scope else scope),
    )


def rights_changed(before: Directory, after: Directory, official: str) -> bool:
    """Whether a session begun under `before` may say what is no longer so.

    It does when the official's posts, roles or standing changed, or when something left his scope. His name, and what
    was added to his scope, reach him with the next renewal.
    """
    was, now = before.officials.get(official), after.officials.get(official)
    if was is None or now is None or not was.active:
        return False  # nobody was signed in
    if not now.active or was.posts != now.posts:
        return True
    return not claims(after, official).scope >= claims(before, official).scope


def check_password(password: str, official: str, name: str) -> None:
    """Refuse a password that is too short or made of the account's own words. Raises Refused."""
    plain = password.lower()
    if len(password) < SHORTEST_PASSWORD or len(set(plain)) < 4:
        raise Refused("password", "新密码至少10个字符，并且不能是简单重复。", "请换一个更长的密码。")
    if official.lower() in plain or name.lower() in plain:
        raise Refused("password", "新密码不能包含账号或姓名。", "请换一个密码。")
