-- depends: 0160_linking 0180_imports
-- In which turn words are taken up: 0 for what is new, 1 for old cases of a list; one later with each try that did not open them, so
-- that those which this process has no key for hold nobody up.
ALTER TABLE unshingled ADD COLUMN turn integer NOT NULL DEFAULT 0;
CREATE INDEX unshingled_turn ON unshingled (turn, case_id DESC);
UPDATE unshingled u SET turn = 1 FROM petition p WHERE p.id = u.case_id AND p.imported_at IS NOT NULL;
