-- depends: 0204_bar_in_force
-- A recusal from one part of a split letter keeps its official from the other parts, too, and is no accusation there.
ALTER TABLE bar ADD COLUMN by_family boolean NOT NULL DEFAULT false;

CREATE OR REPLACE VIEW bar_in_force AS SELECT case_id, code, named FROM bar WHERE named OR told OR by_family;
