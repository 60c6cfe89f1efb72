"""Routing: the first-in-command reads and instructs, a named official answers over his own name.

Owns: the directory (organisations, posts, officials, accounts), the handling of cases, instructions in rounds with their enclosures,
assignments with their parts, objections, extensions, pauses and hand-overs, signed replies and what was decided on them,
accountability, who is barred from a case, recusals, delegations, what the guard refused, what went up to the superior, the keys that replies are
signed with, what follows from decisions, the rules by which an addressee is suggested and what past assignments teach; terms of
posts with their history, second factors, identities of the county's provider; standard phrases of officials; officials' addresses, what
they are told (alerts) and the messages that carry it;
with the bus, which instances are subordinate and whether the neighbours hold the same.

Hears: from intake case.registered, supplemented, accepted, conflict_set, conflict_lifted, recused_by_family, withdrawn, linked, unlinked; from
followup case.dissatisfied, closed, archived, review.assigned; from supervision deadline.*, charge.proposed, taken, ended, and what
it sent to officials here: supervision.*, interview.*, circular.listed; from other instances' routing assignment.*, case.referred_up, concluded_above,
bars_passed, directory.signing_key_recorded, unit_announced.

Tells: directory.*, case.instructed, classified, escalated, barred, concluded, reopened, referred_up, concluded_above, bars_passed,
assignment.*, accountability.recorded.
"""
