-- depends: 0129_unread_channel
-- The duty roster. What is over is not rewritten: patterns end, entries are withdrawn, swaps say who it was before.
CREATE TABLE duty_pattern (
    id          uuid        PRIMARY KEY,
    line        text        NOT NULL,
    weekdays    jsonb       NOT NULL,
    slots       jsonb       NOT NULL,
    officials   jsonb       NOT NULL,
    turn        text        NOT NULL,
    begins_on   date        NOT NULL,
    recorded_by jsonb       NOT NULL,
    recorded_at timestamptz NOT NULL,
    ends_on     date,
    ended_by    jsonb,
    ended_at    timestamptz
);

CREATE TABLE duty_entry (
    id           uuid        PRIMARY KEY,
    line         text        NOT NULL,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL CHECK (ends_at > starts_at),
    official     text        NOT NULL,
    recorded_by  jsonb       NOT NULL,
    recorded_at  timestamptz NOT NULL,
    swap_id      uuid,
    withdrawn_by jsonb,
    withdrawn_at timestamptz
);
CREATE INDEX duty_entry_time ON duty_entry (ends_at) WHERE withdrawn_at IS NULL;

CREATE TABLE duty_swap (
    id              uuid        PRIMARY KEY,
    first_entry     uuid        NOT NULL,
    second_entry    uuid        NOT NULL,
    first_official  text        NOT NULL,
    second_official text        NOT NULL,
    reason          text        NOT NULL,
    recorded_by     jsonb       NOT NULL,
    recorded_at     timestamptz NOT NULL
);
CREATE INDEX duty_swap_time ON duty_swap (recorded_at DESC);

-- Calls. Whose number it is, what was noted and what the telephone system sent stand encrypted under the call's own key.
CREATE TABLE call (
    id           uuid        PRIMARY KEY,   -- of the telephone system's calls a keyed fingerprint of line and call id
    line         text        NOT NULL,
    started_at   timestamptz NOT NULL,
    numbered     boolean     NOT NULL,
    outgoing     boolean     NOT NULL,
    answered_at  timestamptz,
    missed_at    timestamptz,
    ended_at     timestamptz,
    extension    text        NOT NULL,
    answered_by  jsonb,
    outcome      text,
    written_at   timestamptz,
    case_id      uuid,
    call_back_id uuid,
    recorded     boolean     NOT NULL
);
CREATE INDEX call_time ON call (started_at DESC);
CREATE INDEX call_unwritten ON call (started_at)
    WHERE outcome IS NULL AND (answered_at IS NOT NULL OR (missed_at IS NULL AND ended_at IS NULL));
CREATE INDEX call_case ON call (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX call_of_call_back ON call (call_back_id) WHERE call_back_id IS NOT NULL;

CREATE TABLE call_sealed (
    call_id      uuid  PRIMARY KEY REFERENCES call DEFERRABLE INITIALLY DEFERRED,
    data_key     bytea NOT NULL,
    number       bytea,
    number_index bytea,                     -- keyed hash, the same as a petitioner's telephone has
    note         bytea
);
CREATE INDEX call_sealed_number ON call_sealed (number_index) WHERE number_index IS NOT NULL;

CREATE TABLE call_event (
    id          uuid        PRIMARY KEY,    -- a keyed fingerprint of line and event id: an event counts once
    call_id     uuid        NOT NULL,
    told        text        NOT NULL,
    at          timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    fingerprint bytea       NOT NULL,
    unknown     integer     NOT NULL,       -- fields that we do not know; they stand in `bytes`
    bytes       bytea       NOT NULL
);
CREATE INDEX call_event_call ON call_event (call_id);

-- Recordings of calls that became no case yet; with a case they become attachments, and `bytes` is empty.
CREATE TABLE call_recording (
    id            uuid        PRIMARY KEY,
    call_id       uuid        NOT NULL,
    fingerprint   bytea       NOT NULL,
    form          text        NOT NULL,
    size          integer     NOT NULL,
    scan          text        NOT NULL,
    finding       text        NOT NULL,
    received_at   timestamptz NOT NULL,
    bytes         bytea,
    attachment_id uuid,
    UNIQUE (call_id, fingerprint)
);
ALTER TABLE call_recording ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE call_back (
    id           uuid        PRIMARY KEY,
    stage        text        NOT NULL,
    line         text        NOT NULL,
    missed_at    timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    calls        integer     NOT NULL,
    attempts     integer     NOT NULL,
    reason       text,
    ended_at     timestamptz,
    ended_by     jsonb,
    number_index bytea
);
CREATE UNIQUE INDEX call_back_waiting ON call_back (number_index) WHERE stage = 'waiting';  -- one duty for a number
CREATE INDEX call_back_due ON call_back (due_at) WHERE stage = 'waiting';
CREATE TRIGGER guard_stage BEFORE UPDATE OF stage ON call_back FOR EACH ROW EXECUTE FUNCTION guard_stage('call_back');

CREATE TABLE call_attempt (
    id           uuid        PRIMARY KEY,
    call_back_id uuid        NOT NULL,
    at           timestamptz NOT NULL,
    by           jsonb       NOT NULL,
    result       text        NOT NULL,
    call_id      uuid
);
CREATE INDEX call_attempt_call_back ON call_attempt (call_back_id);

-- Whether somebody must not see a call: it became a case, or its number belongs to a case, that he is barred from.
CREATE FUNCTION call_barred(call_in_question uuid, codes text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM bar b WHERE b.code = ANY(codes) AND (b.named OR b.told) AND b.case_id IN (
            SELECT c.case_id FROM call c WHERE c.id = call_in_question
            UNION ALL
            SELECT c.case_id FROM call_sealed own JOIN call_sealed other ON other.number_index = own.number_index
                                                  JOIN call c ON c.id = other.call_id WHERE own.call_id = call_in_question
            UNION ALL
            SELECT p.case_id FROM call_sealed own JOIN sealed p ON p.phone_index = own.number_index
            WHERE own.call_id = call_in_question))
$$;
