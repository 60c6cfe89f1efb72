-- depends: 0106_originals
-- Files of old cases, and what became of their rows. Everything that was read from a file is sealed under the job's own key.
ALTER TABLE petition ADD COLUMN imported_at timestamptz, ADD COLUMN imported_from text NOT NULL DEFAULT '';

-- Old cases that are over must not make the clerk's queues slow.
DROP INDEX petition_unbriefed, petition_unaccepted;
CREATE INDEX petition_unbriefed ON petition (registered_at) WHERE brief = '' AND stage IN ('registered', 'accepted', 'handling');
CREATE INDEX petition_unaccepted ON petition (registered_at) WHERE accepted_at IS NULL AND stage IN ('registered', 'accepted', 'handling');

CREATE TABLE import_job (
    id         uuid        PRIMARY KEY,
    stage      text        NOT NULL,
    source     text        NOT NULL,     -- the system in which the old numbers are unique
    format     text        NOT NULL,
    size       integer     NOT NULL,
    created_at timestamptz NOT NULL,
    created_by jsonb,
    total      integer     NOT NULL,
    position   integer     NOT NULL,     -- the last row of the file that is done with; committed with what was done
    counts     jsonb       NOT NULL,
    expected   jsonb       NOT NULL,
    tallies    jsonb       NOT NULL,
    fault      text        NOT NULL,
    rate       integer     NOT NULL,
    started_by jsonb,
    started_at timestamptz,
    beat_at    timestamptz,
    ended_at   timestamptz,
    purged_at  timestamptz
);
CREATE INDEX import_job_created ON import_job (created_at DESC);
CREATE TRIGGER guard_stage BEFORE UPDATE OF stage ON import_job FOR EACH ROW EXECUTE FUNCTION guard_stage('import_job');

CREATE TABLE import_file (
    job_id   uuid  PRIMARY KEY REFERENCES import_job DEFERRABLE INITIALLY DEFERRED,
    data_key bytea NOT NULL,
    headings bytea                       -- as the file has them
);

CREATE TABLE import_chunk (
    job_id uuid    NOT NULL REFERENCES import_file ON DELETE CASCADE,
    part   integer NOT NULL,
    bytes  bytea   NOT NULL,
    PRIMARY KEY (job_id, part)
);
ALTER TABLE import_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;   -- ciphertext does not compress

-- Rows that were not registered, with all that is wrong with each.
CREATE TABLE import_fault (
    job_id  uuid    NOT NULL REFERENCES import_file ON DELETE CASCADE,
    at_row  integer NOT NULL,
    wrong   jsonb   NOT NULL,            -- field, rule, remedy, values; nothing of what the cells hold
    cells   bytea   NOT NULL,
    case_id uuid,                        -- the case that has the row's old number already
    PRIMARY KEY (job_id, at_row)
);
