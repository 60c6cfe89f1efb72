-- depends: 0160_linking
-- That two petitions are about different matters can be taken back; who said either stays.
ALTER TABLE unlike ADD COLUMN undone_at timestamptz, ADD COLUMN undone_by jsonb;
ALTER TABLE unlike DROP CONSTRAINT unlike_pkey;
CREATE UNIQUE INDEX unlike_in_force ON unlike (one, other) WHERE undone_at IS NULL;
CREATE INDEX unlike_other ON unlike (other) WHERE undone_at IS NULL;
