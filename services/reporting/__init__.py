"""Reporting: the county's memory of every event, and what is read from it.

Owns: the archive of events received, the case list, the dossiers, the tally that figures are counted from, and who opened or
exported what.
Hears: every event of cases, deadlines and follow-up, of its own instance and of the instances below, and directory.*.
Tells: nothing yet.
"""
