"""What leaves the county: which events other agencies are told, what of them, of which cases, and what they may do at the broker.

The fields stand in `shared/contract/public.py`; a field that is not listed there does not leave.
"""
