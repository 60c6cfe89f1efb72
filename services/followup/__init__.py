"""Follow-up: after the conclusion the petitioner is asked, and only the petitioner's word closes a case.

Owns follow-up tasks, tries, answers and closings. Hears registrations, withdrawals, conclusions and
petitioners'
answers. Tells `followup.*`, `case.satisfied`, `case.dissatisfied`, `case.closed`, `case.archived`.
"""
