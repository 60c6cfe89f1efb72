-- depends: 0106_originals
-- Which petitions are one matter, and what finds those that look so. No word of a petitioner stands here (docs/decisions/0005).
ALTER TABLE sealed ADD COLUMN id_number_index bytea;
CREATE INDEX sealed_id_number ON sealed (id_number_index) WHERE id_number_index IS NOT NULL;

-- Each label is written once: what two petitions share is seen by whoever has the master key alone.
CREATE TABLE shingle (
    label   bigint NOT NULL,
    case_id uuid   NOT NULL,
    PRIMARY KEY (label) INCLUDE (case_id)   -- hundreds are looked up at once, all over the table
);
CREATE INDEX shingle_case ON shingle (case_id);

-- How often each bucket occurs: one row, sealed.
CREATE TABLE shingle_counts (
    id       uuid  PRIMARY KEY CHECK (id = '00000000-0000-0000-0000-000000000000'),
    data_key bytea NOT NULL,
    counts   bytea NOT NULL
);
ALTER TABLE shingle_counts ALTER COLUMN counts SET STORAGE EXTERNAL;

-- Petitions whose words the worker has not taken up yet.
CREATE TABLE unshingled (case_id uuid PRIMARY KEY);
INSERT INTO unshingled SELECT id FROM petition;

CREATE TABLE link (
    id         uuid        PRIMARY KEY,
    relation   text        NOT NULL,
    case_id    uuid        NOT NULL,     -- the later one, the one that goes on under another, the part that was split off
    other_id   uuid        NOT NULL,
    stage      text        NOT NULL,
    why        text        NOT NULL,
    linked_at  timestamptz NOT NULL,
    linked_by  jsonb       NOT NULL,
    undone_at  timestamptz,
    undone_by  jsonb,
    undone_for text        NOT NULL DEFAULT '',
    CHECK (case_id <> other_id)
);
CREATE INDEX link_case ON link (case_id);
CREATE INDEX link_other ON link (other_id);
CREATE UNIQUE INDEX link_in_force ON link (least(case_id, other_id), greatest(case_id, other_id),
    (CASE relation WHEN 'merged_into' THEN 1 WHEN 'split_from' THEN 2 ELSE 0 END)) WHERE stage = 'linked';
CREATE UNIQUE INDEX link_one_lead ON link (case_id) WHERE relation = 'merged_into' AND stage = 'linked';
CREATE TRIGGER guard_stage BEFORE UPDATE OF stage ON link FOR EACH ROW EXECUTE FUNCTION guard_stage('link');

-- Pairs that a clerk has looked at and found to be different matters; the older one first.
CREATE TABLE unlike (
    one   uuid        NOT NULL,
    other uuid        NOT NULL,
    at    timestamptz NOT NULL,
    by    jsonb       NOT NULL,
    PRIMARY KEY (one, other)
);
