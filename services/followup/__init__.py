"""Follow-up: after the conclusion the petitioner is asked, and only the petitioner's word closes a case.

Owns: its policy's versions, follow-up tasks, tries, answers, second askings, closings, requests to go on, reviews; who was responsible
for a case or carries it, because he never learns what its petitioner answers.
Hears: directory.*, case.registered/supplemented/instructed/concluded/withdrawn/barred, assignment.issued/handed_over,
charge.taken/ended, petitioner.answered, case.reopen_requested, review.requested.
Tells: followup.due/recorded/unreachable/checked, case.satisfied/dissatisfied/contested/closed/archived, charge.proposed,
review.assigned/decided, message.requested.
"""
