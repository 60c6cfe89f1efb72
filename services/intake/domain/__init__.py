"""Entities and policy of intake, by topic: submission, petition, viewing, messages. No room here does I/O."""
