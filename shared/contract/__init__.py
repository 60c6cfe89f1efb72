"""The published language: every event that a service tells, its schema, and who hears it.

`EVENTS` is the one list of event names; a test ties each publication and each subscription to it.
"""

from shared.contract import cases, directory, followup, public, reporting, supervision  # noqa: F401 - they fill the list
from shared.contract.catalogue import EVENTS, Contract, heard_by, told_by
from shared.contract.envelope import Event, decode, draft, seal_suffix

__all__ = ["EVENTS", "Contract", "Event", "decode", "draft", "heard_by", "seal_suffix", "told_by"]
