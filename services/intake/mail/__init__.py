"""Reading a mail's bytes: its parts, its words, whether a program wrote it."""
