"""Routing: the first-in-command reads and instructs, a named official answers over his own name.

Owns: the directory (organisations, posts, officials, accounts), the handling of cases, instructions in rounds,
assignments, signed replies and what was decided on them, accountability, who is barred from a case.

Hears: from intake case.registered, supplemented, accepted, conflict_set, conflict_lifted, recused_by_family, withdrawn, linked,
unlinked; from followup case.dissatisfied, closed, archived; from supervision deadline.*; from other instances' routing assignment.*.

Tells: directory.*, case.instructed, classified, escalated, barred, concluded, reopened, assignment.*,
accountability.recorded.
"""
