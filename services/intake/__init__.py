"""Intake: petitions by five channels, petitioners and their protection, the public pages, messages to petitioners.

Owns: petitions, petitioners' identity and words (encrypted under a key for each case), looks at them, access to
them, files and additions (sealed under the same key), clerks' drafts, published answers, what came in and could not be
read, mails that joined a case, how far mail boxes are read, messages to petitioners, one-case links, what petitioners wrote after
conclusions and the reviews they asked for, the duty roster, calls and call-backs,
the boards that the county names, with their posts and the answers there, the reception calendar and visits with corrections of
their records (sealed under a key for each visit), what petitions are to each other, labels that find those alike, lists of
old cases with what became of their rows (sealed under a key for each list).
Hears: directory.*, assignment.issued/withdrawn/handed_over/extended, case.barred/concluded/reopened/satisfied/closed/archived,
followup.due, review.assigned/decided, message.requested.
Tells: case.registered/imported/supplemented/accepted/conflict_set/conflict_lifted/recused_by_family/withdrawn/linked/unlinked,
petitioner.answered, case.reopen_requested, review.requested, message.sent/failed.
"""
