"""Whom to ask, what was answered, and what follows from it: entities and rules, without any I/O. Modules by topic."""
