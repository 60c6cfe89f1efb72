"""Faults on real servers: what is killed, stopped or cut, and what must hold afterwards."""
