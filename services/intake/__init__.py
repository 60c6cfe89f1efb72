"""Intake: petitions by five channels, petitioners and their protection, the public pages, messages to petitioners.

Owns: petitions, petitioners' identity and words (encrypted under a key for each case), looks at them, access to
them, files and additions (sealed under the same key), clerks' drafts, published answers, mails that could not be read, messages to petitioners,
what petitions are to each other, labels that find those alike.
Hears: directory.*, assignment.issued/withdrawn, case.barred/concluded/reopened/closed/archived, followup.due,
message.requested.
Tells: case.registered/supplemented/accepted/conflict_set/conflict_lifted/withdrawn/linked/unlinked, petitioner.answered, message.sent/failed.
"""
