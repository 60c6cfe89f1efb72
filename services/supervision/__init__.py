"""Supervision: what is owed by when, what happens when it is not done, who carries a case until it is over, and what it counts.

Owns deadlines, the working calendar with its changes and the policy's versions; the ladder with its documents, interviews, and the
office's periods; charges with their duties; the score book, objections to it and skip-level petitions.
Hears assignments, also extended, paused, resumed and handed over, instructions, classifications, conclusions, follow-up,
answers, reviews, reopenings and closings, who is barred, the directory, proposals of a charge, and what a superior's ladder sends to officials
here. Tells `deadline.*`, `supervision.*`, `interview.*`, `circular.listed`, `period.ended`, `charge.*`, `duty.recorded`,
`score.recorded`, `skip_level.*`.
"""
