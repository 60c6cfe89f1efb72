"""What `zhida doctor` looks at for follow-up: its policy."""

from __future__ import annotations

from services.followup.handlers.in_force import chosen
from services.followup.policy_file import read_policy
from shared.config import Settings
from shared.operation import Check


def policy(settings: Settings) -> str:
    """The policy of asking can be used."""
    return f"{chosen(settings)}: {read_policy(chosen(settings)).id}"


CHECKS = (Check("followup: policy", policy, "`zhida followup policy check FILE` says what is wrong."),)
