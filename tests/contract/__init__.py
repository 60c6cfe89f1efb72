"""The published language: a kept sample of every version, and the ties of handlers to the list."""
