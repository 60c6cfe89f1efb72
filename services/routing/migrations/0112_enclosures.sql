-- depends: 0111_instruction
-- Handwriting and dictation beside an instruction. What waits for one is its author's alone, and may go; what was given with one stays.
CREATE TABLE enclosure (
    id             uuid PRIMARY KEY,
    case_id        uuid        NOT NULL REFERENCES case_record,
    official       text        NOT NULL,
    instruction_id uuid REFERENCES instruction DEFERRABLE INITIALLY DEFERRED,
    position       integer,
    name           text,
    kind           text        NOT NULL CHECK (kind IN ('picture', 'sound')),
    form           text        NOT NULL,
    sha256         text        NOT NULL,
    content        bytea       NOT NULL,
    uploaded_at    timestamptz NOT NULL,
    number         bigint GENERATED ALWAYS AS IDENTITY,        -- the order of handing in; ids of one moment are in none
    CHECK ((instruction_id IS NULL) = (position IS NULL) AND (instruction_id IS NULL) = (name IS NULL)),
    UNIQUE (instruction_id, position)
);
CREATE INDEX enclosure_case ON enclosure (case_id);

CREATE FUNCTION keep_enclosure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.instruction_id IS NOT NULL OR TG_OP = 'UPDATE' AND
        (NEW.id, NEW.case_id, NEW.official, NEW.kind, NEW.form, NEW.sha256, NEW.content, NEW.uploaded_at)
        IS DISTINCT FROM (OLD.id, OLD.case_id, OLD.official, OLD.kind, OLD.form, OLD.sha256, OLD.content, OLD.uploaded_at) THEN
        RAISE EXCEPTION 'an enclosure is never edited';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_enclosure BEFORE UPDATE OR DELETE ON enclosure FOR EACH ROW EXECUTE FUNCTION keep_enclosure();

-- Who has looked at which, since when and how often.
CREATE TABLE enclosure_look (
    enclosure_id uuid        NOT NULL REFERENCES enclosure,
    official     text        NOT NULL,
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    times        integer     NOT NULL DEFAULT 1,
    PRIMARY KEY (enclosure_id, official)
);
