"""A county's half year, replayed: `zhida replay yongxing`.

`aims` says what is to come out, `plan` writes down for each case what happens to it on which day (`window`, `fates` and `course` are
how), `acting` has the county's people do it in the running system, `county` is that system with its clock, `supervising` the
supervision office, which does what falls due, `issuing` those who issue the reports of periods that are over. What came of it is
counted by the product's statistics, and by `count` once more from the event logs alone.
"""
