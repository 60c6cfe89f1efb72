"""Supervision: what is owed by when, and what happens when it is not done.

Owns deadlines, the working calendar and the policy's versions (ladder, charges, duties and scores come beside them).
Hears assignments, also extended, paused, resumed and handed over, instructions, classifications, conclusions, follow-up,
reopenings and closings. Tells `deadline.*`.
"""
