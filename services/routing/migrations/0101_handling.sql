-- Cases in hand, instructions in rounds, assignments to named officials, signed replies.

CREATE TABLE case_record (
    id                   uuid PRIMARY KEY,
    origin               text        NOT NULL,   -- organisation whose instance registered it or handed it down
    stage                text        NOT NULL,
    number               text        NOT NULL,
    channel              text        NOT NULL,
    category             text        NOT NULL,
    title                text        NOT NULL,
    brief                text        NOT NULL,   -- the clerk's redacted words, never the petitioner's
    registered_at        timestamptz NOT NULL,
    round                integer     NOT NULL,
    matter_type          text,
    place                text,
    identity             text,
    group_size           integer,
    case_class           text,
    petition_received_at timestamptz,
    accepted_at          timestamptz,
    queued_at            timestamptz,            -- since when it waits for an instruction
    read_at              timestamptz,            -- this round's reading by the first-in-command
    reviewed_at          timestamptz,
    dispatched_at        timestamptz,
    receipted_at         timestamptz,
    outcome              text,
    summary              text,
    answer               text,
    concluded_at         timestamptz,
    concluded_by         jsonb,
    withdrawn_at         timestamptz,
    closed_at            timestamptz,
    close_reason         text,
    archived_at          timestamptz
);
CREATE TRIGGER guard_stage BEFORE UPDATE ON case_record FOR EACH ROW EXECUTE FUNCTION guard_stage('case');
CREATE INDEX case_record_queue ON case_record (queued_at) WHERE stage IN ('registered', 'reviewed', 'reopened');
CREATE INDEX case_record_number ON case_record (number);

-- Who must not see a case. What is in force stands in `organisations` and `officials`; the grounds beside it.
CREATE TABLE case_bar (
    case_id                  uuid PRIMARY KEY,
    complained_organisations jsonb NOT NULL,
    complained_officials     jsonb NOT NULL,
    recused_organisations    jsonb NOT NULL,
    recused_officials        jsonb NOT NULL,
    organisations            jsonb NOT NULL,
    officials                jsonb NOT NULL
);

-- The one rule of sight that every list and page asks: an official with posts in these organisations may see the case.
CREATE FUNCTION may_see(seen uuid, reader text, posts text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM case_bar b WHERE b.case_id = seen AND (b.officials ? reader OR b.organisations ?| posts)
    )
$$;

CREATE FUNCTION keep_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION '% is never edited', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TABLE instruction (
    id            uuid PRIMARY KEY,
    case_id       uuid        NOT NULL REFERENCES case_record DEFERRABLE INITIALLY DEFERRED,
    round         integer     NOT NULL,
    text          text        NOT NULL,
    author        jsonb       NOT NULL,
    addressees    jsonb       NOT NULL,
    lead          jsonb,
    joint         jsonb       NOT NULL,
    case_class    text        NOT NULL,
    answers       uuid,
    read_at       timestamptz NOT NULL,
    instructed_at timestamptz NOT NULL,
    UNIQUE (case_id, round)
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON instruction FOR EACH ROW EXECUTE FUNCTION keep_record();

CREATE TABLE assignment (
    id               uuid PRIMARY KEY,
    case_id          uuid        NOT NULL REFERENCES case_record DEFERRABLE INITIALLY DEFERRED,
    instruction_id   uuid        NOT NULL,
    round            integer     NOT NULL,
    part             text        NOT NULL CHECK (part IN ('handling', 'lead', 'joint')),
    responsible      jsonb       NOT NULL,
    issued_by        jsonb       NOT NULL,
    issuer           text        NOT NULL,
    instance         text        NOT NULL,
    issued_at        timestamptz NOT NULL,
    stage            text        NOT NULL,
    received_at      timestamptz,
    objected_at      timestamptz,
    progressed_at    timestamptz,
    replied_at       timestamptz,
    returned_at      timestamptz,
    approved_at      timestamptz,
    withdrawn_at     timestamptz,
    withdrawn_reason text,
    reply_id         uuid
);
CREATE TRIGGER guard_stage BEFORE UPDATE ON assignment FOR EACH ROW EXECUTE FUNCTION guard_stage('assignment');
CREATE INDEX assignment_case ON assignment (case_id);
CREATE INDEX assignment_responsible ON assignment ((responsible ->> 'official'), issued_at);
CREATE INDEX assignment_organisation ON assignment ((responsible ->> 'organisation'), issued_at);
CREATE INDEX assignment_replied ON assignment (replied_at) WHERE stage = 'replied';

CREATE TABLE note (
    id            uuid PRIMARY KEY,
    assignment_id uuid        NOT NULL,
    case_id       uuid        NOT NULL,
    kind          text        NOT NULL CHECK (kind IN ('objection', 'progress')),
    text          text        NOT NULL,
    by            jsonb       NOT NULL,
    at            timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON note FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE INDEX note_case ON note (case_id, at);

CREATE TABLE reply (
    id            uuid PRIMARY KEY,
    assignment_id uuid        NOT NULL REFERENCES assignment DEFERRABLE INITIALLY DEFERRED,
    case_id       uuid        NOT NULL,
    round         integer     NOT NULL,
    outcome       text        NOT NULL,
    findings      text        NOT NULL,
    measures      jsonb       NOT NULL,
    answer        text        NOT NULL,
    signature     jsonb       NOT NULL,
    replied_at    timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON reply FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE INDEX reply_case ON reply (case_id, replied_at);

CREATE TABLE verdict (
    reply_id uuid PRIMARY KEY,
    case_id  uuid        NOT NULL,
    verdict  text        NOT NULL CHECK (verdict IN ('returned', 'approved')),
    reasons  text,
    by       jsonb       NOT NULL,
    at       timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON verdict FOR EACH ROW EXECUTE FUNCTION keep_record();

CREATE TABLE accountability (
    id           uuid PRIMARY KEY,
    case_id      uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('proposal', 'decision')),
    person       text        NOT NULL,
    organisation text        NOT NULL,
    measure      text        NOT NULL,
    decided_by   text        NOT NULL,
    meeting      text,
    decided_on   date        NOT NULL,
    by           jsonb       NOT NULL,
    recorded_at  timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON accountability FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE INDEX accountability_case ON accountability (case_id, decided_on);

-- What supervision said last of each deadline; for chips and badges, nothing is decided by it here.
CREATE TABLE deadline (
    id          uuid PRIMARY KEY,
    case_id     uuid        NOT NULL,
    obligation  text        NOT NULL,
    round       integer     NOT NULL,
    due_at      timestamptz NOT NULL,
    responsible jsonb,
    standing    text        NOT NULL CHECK (standing IN ('set', 'approaching', 'missed', 'met', 'withdrawn'))
);
CREATE INDEX deadline_open ON deadline (case_id, due_at) WHERE standing IN ('set', 'approaching', 'missed');

-- Who has opened a case: when an assignment is taken back for a conflict, this is what was read.
CREATE TABLE reading (
    case_id  uuid        NOT NULL,
    official text        NOT NULL,
    first_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, official)
);
