-- depends: 0160_linked
-- The assignment protocol in full: parts handed on, objections decided, time that is given, posts that change hands.
ALTER TABLE assignment
    ADD COLUMN parent               uuid REFERENCES assignment DEFERRABLE INITIALLY DEFERRED,   -- what it is a part of
    ADD COLUMN text                 text,           -- what its person responsible asked for, who handed the part on
    ADD COLUMN objection_decided_at timestamptz,
    ADD COLUMN objection_decision   text CHECK (objection_decision IN ('upheld', 'dismissed')),
    ADD CHECK ((parent IS NULL) = (text IS NULL));
CREATE INDEX assignment_parent ON assignment (parent) WHERE parent IS NOT NULL;
CREATE INDEX assignment_objected ON assignment (objected_at) WHERE objected_at IS NOT NULL AND objection_decided_at IS NULL;
CREATE INDEX assignment_upheld ON assignment (case_id) WHERE withdrawn_reason = 'objection_upheld';
CREATE INDEX assignment_post ON assignment ((responsible ->> 'organisation'), (responsible ->> 'post'))
    WHERE stage IN ('issued', 'received', 'objected', 'progressed', 'replied', 'returned');

ALTER TABLE note DROP CONSTRAINT note_kind_check,
    ADD CONSTRAINT note_kind_check CHECK (kind IN ('objection', 'progress', 'upheld', 'dismissed', 'released'));

ALTER TABLE deadline
    ADD COLUMN assignment_id uuid,
    DROP CONSTRAINT deadline_standing_check,
    ADD CONSTRAINT deadline_standing_check CHECK (standing IN ('set', 'approaching', 'missed', 'paused', 'met', 'withdrawn'));
CREATE INDEX deadline_assignment ON deadline (assignment_id);
DROP INDEX deadline_open;
CREATE INDEX deadline_open ON deadline (case_id, due_at) WHERE standing IN ('set', 'approaching', 'missed', 'paused');

-- More time asked for by a person responsible, and what the issuer's first-in-command decided; one is granted for each case.
CREATE TABLE extension (
    id            uuid PRIMARY KEY,
    case_id       uuid        NOT NULL,
    assignment_id uuid        NOT NULL,
    stage         text        NOT NULL CHECK (stage IN ('asked', 'granted', 'refused')),
    days          integer     NOT NULL CHECK (days BETWEEN 1 AND 30),     -- asked for, then granted
    reasons       text        NOT NULL,
    asked_by      jsonb,                            -- null in an instance that is told of another's
    asked_at      timestamptz,
    said          text,                             -- the reasons of the decision; of one that was granted, for the petitioner
    decided_by    jsonb,
    decided_at    timestamptz,
    CHECK ((stage = 'asked') = (decided_at IS NULL))
);
CREATE TRIGGER guard_stage BEFORE UPDATE ON extension FOR EACH ROW EXECUTE FUNCTION guard_stage('extension');
CREATE UNIQUE INDEX extension_granted ON extension (case_id) WHERE stage = 'granted';
CREATE INDEX extension_case ON extension (case_id);
CREATE INDEX extension_asked ON extension (asked_at) WHERE stage = 'asked';

-- While the clocks of a case stand still: for what, on whose authority, and who let them go on.
CREATE TABLE pause (
    id             uuid PRIMARY KEY,
    case_id        uuid        NOT NULL,
    category       text        NOT NULL,
    reasons        text        NOT NULL,
    authority      jsonb       NOT NULL,
    paused_at      timestamptz NOT NULL,
    told           jsonb       NOT NULL,            -- the assignments whose instances were told
    resumed_by     jsonb,
    resume_reasons text,
    resumed_at     timestamptz
);
CREATE UNIQUE INDEX pause_open ON pause (case_id) WHERE resumed_at IS NULL;
CREATE INDEX pause_case ON pause (case_id, paused_at);

-- The post changed hands: who was responsible, and who is.
CREATE TABLE handover (
    id            uuid PRIMARY KEY,
    case_id       uuid        NOT NULL,
    assignment_id uuid        NOT NULL,
    former        jsonb       NOT NULL,
    successor     jsonb       NOT NULL,
    by            jsonb       NOT NULL,
    reason        text        NOT NULL,
    at            timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON handover FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE INDEX handover_case ON handover (case_id, at);
