"""A simulated year of a county: thousands of cases through review, ladder, charges, scores and follow-up, the same again from the same seed.

It stands on `deploy/replay`: `lots` decides, `county` is the running product with its clock, `supervising` the supervision office.
`handling` and `asking` are the other people, `year` plays day by day, `ledger` counts for itself what the product should have
written, `cards` holds what it has.
`python -m tests.year [cases] [seed]` plays one and prints its account.
"""
