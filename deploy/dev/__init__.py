"""Private servers on one machine: a message broker and a database, for the demo, the tests and the bench."""
