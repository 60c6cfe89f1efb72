"""Whole journeys through the running system: real processes, real broker, real database, real mail."""
