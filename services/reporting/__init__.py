"""Reporting: the county's memory of every event, and what is read from it.

Owns: the archive of events received, the case list, the dossiers, the tally that figures are counted from, who opened or
exported what, the filters that officials keep, and the reports of the office's periods, frozen and issued;
which agencies subscribe, and under which name a case is told to them.
Hears: every event of cases, deadlines and follow-up, of its own instance and of the instances below, directory.* and period.ended.
Tells: report.issued; public.*, to other agencies alone.
"""
