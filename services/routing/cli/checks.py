"""What `zhida doctor` looks at for routing: its file, and the subordinates' queues and rights at our broker."""

from __future__ import annotations

from services.routing.cli.instance import rights_at_broker
from services.routing.handlers.joining import joined
from services.routing.site import read_site
from shared.bus import bindings, topology
from shared.config import Settings
from shared.operation import Check, NotLooked, reading
from shared.operation.checks import agree, signed_in


def site(settings: Settings) -> str:
    """ZHIDA_FILE_ROUTING, and the files that it names."""
    found = read_site(settings)
    return f"{settings.service_files.get('routing', 'no file, defaults')}: {'a provider' if found.oidc else 'no provider'} of identities"


def subordinates(settings: Settings) -> str:
    """Each has its queue, bound to what is addressed to it, and its rights."""
    with reading(settings, "routing") as uow:
        below = sorted({*settings.subordinates, *(row["org"] for row in joined(uow))})
    if not below:
        raise NotLooked("nobody is below")
    wrong = []
    with signed_in(settings, topology.LINKED) as connection:
        wrong += [f"{org} has no queue" for org in below if not topology.exists(connection, topology.link_queue(org))]
    if settings.management_url:
        wrong += [f"{org}'s queue is not bound" for org in below if bindings.is_linked(settings, org) is False]
        wrong += [f"{org}: rights {said}" for org in below if not (said := _rights(settings, org)).startswith("as ")]
    return agree(wrong, " ".join(below))


def _rights(settings: Settings, org: str) -> str:
    try:
        return rights_at_broker(settings, org)
    except OSError as fault:
        return str(fault)


CHECKS = (
    Check("routing: file", site, "docs/operations.md, Signing in and Telling officials."),
    Check(
        "routing: subordinates", subordinates, "A running relay makes queues and bindings; rights: `zhida instance create` again."
    ),
)
