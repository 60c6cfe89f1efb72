-- depends: 0150_signing
-- Proposals and decisions belong together, and what follows from a decision has somebody who does it, until when and when it was done.
ALTER TABLE accountability ADD COLUMN official text, ADD COLUMN answers uuid REFERENCES accountability;
CREATE UNIQUE INDEX accountability_answers ON accountability (answers);   -- a proposal is decided once

CREATE TABLE consequence (
    id           uuid PRIMARY KEY,
    record_id    uuid        NOT NULL REFERENCES accountability DEFERRABLE INITIALLY DEFERRED,
    case_id      uuid        NOT NULL,
    official     text,                 -- whom it concerns, where the directory knows him
    person       text        NOT NULL,
    measure      text        NOT NULL,
    until        date        NOT NULL,
    done_on      date,
    done_by      jsonb,
    done_at      timestamptz
);
CREATE INDEX consequence_record ON consequence (record_id);
CREATE INDEX consequence_open ON consequence (until) WHERE done_on IS NULL;
CREATE INDEX consequence_official ON consequence (official) WHERE official IS NOT NULL;

CREATE FUNCTION keep_consequence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.done_on IS NOT NULL
        OR (NEW.id, NEW.record_id, NEW.case_id, NEW.official, NEW.person, NEW.measure, NEW.until)
        IS DISTINCT FROM (OLD.id, OLD.record_id, OLD.case_id, OLD.official, OLD.person, OLD.measure, OLD.until) THEN
        RAISE EXCEPTION 'what follows is done once and never edited';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_consequence BEFORE UPDATE OR DELETE ON consequence FOR EACH ROW EXECUTE FUNCTION keep_consequence();
