-- The archive of what was received, and the read model that is made from it alone.

-- The county's memory. A row is never altered; a rebuild of the read model needs nothing else.
CREATE TABLE received (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,   -- the order in which events took effect here
    event_id    uuid        NOT NULL UNIQUE,
    stream      text        NOT NULL,   -- source and the routing key's first word
    sequence    bigint      NOT NULL,
    name        text        NOT NULL,
    subject     text        NOT NULL,   -- the case, or what of the directory was recorded
    occurred_at timestamptz NOT NULL,
    body        bytea       NOT NULL    -- the bytes that travelled
);
CREATE INDEX received_subject ON received (subject, id);
CREATE INDEX received_stream ON received (stream, sequence);

CREATE FUNCTION keep_received() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was received is not altered (received id %)', OLD.id;
END $$;
CREATE TRIGGER keep_received BEFORE UPDATE OR DELETE ON received FOR EACH ROW EXECUTE FUNCTION keep_received();

-- One row for each case. `facts` holds what each source told; every other column follows from it.
CREATE TABLE case_row (
    case_id              uuid PRIMARY KEY,
    organisation         text,            -- whose case it is; null until somebody who knows has told
    number               text,            -- null: nothing was told yet that a list could show
    channel              text,
    matter_type          text,
    category             text,
    place                text,
    title                text,
    brief                text,            -- the clerk's redacted words, never the petitioner's
    case_class           text,
    stage                text    NOT NULL,
    round                integer NOT NULL,
    responsible          jsonb,
    reply_waiting        boolean NOT NULL,
    petition_received_at timestamptz,
    registered_at        timestamptz,
    accepted_at          timestamptz,
    reviewed_at          timestamptz,     -- the first instruction: the secretary read it in person
    dispatched_at        timestamptz,
    received_at          timestamptz,     -- the first receipt by a person responsible
    replied_at           timestamptz,     -- the first signed reply
    withdrawn_at         timestamptz,
    concluded_at         timestamptz,
    outcome              text,
    closed_at            timestamptz,     -- null again when the case was reopened after it
    close_reason         text,
    archived_at          timestamptz,
    conclude_due_at      timestamptz,     -- what is owed now
    reply_due_at         timestamptz,
    conclude_limit_at    timestamptz,     -- the limits that the due-rates count by, done or not
    reply_limit_at       timestamptz,
    facts                jsonb NOT NULL
);
CREATE INDEX case_row_registered ON case_row (organisation, registered_at DESC, case_id);
CREATE INDEX case_row_stage ON case_row (organisation, stage, registered_at DESC);
CREATE INDEX case_row_number ON case_row (number);
CREATE INDEX case_row_owed ON case_row (organisation, least(conclude_due_at, reply_due_at))
    WHERE conclude_due_at IS NOT NULL OR reply_due_at IS NOT NULL;
CREATE INDEX case_row_reply_limit ON case_row (organisation, reply_limit_at);
CREATE INDEX case_row_conclude_limit ON case_row (organisation, conclude_limit_at);

-- Whom a case was assigned to: what leaders and units may see rests on it.
CREATE TABLE case_unit (
    assignment_id uuid PRIMARY KEY,
    case_id       uuid NOT NULL,
    issuer        text,                   -- null until assignment.issued has come
    round         integer,
    part          text,
    official      text NOT NULL,
    name          text NOT NULL,
    post          text NOT NULL,
    unit          text NOT NULL,
    issued_at     timestamptz,
    received_at   timestamptz,
    replied_at    timestamptz,
    approved_at   timestamptz,
    withdrawn_at  timestamptz
);
CREATE INDEX case_unit_case ON case_unit (case_id);
CREATE INDEX case_unit_official ON case_unit (official, case_id) WHERE withdrawn_at IS NULL;
CREATE INDEX case_unit_unit ON case_unit (unit, case_id) WHERE withdrawn_at IS NULL;

-- Search: what is looked for in, and every character and pair of neighbouring characters in it.
CREATE TABLE case_text (
    case_id  uuid PRIMARY KEY,
    haystack text   NOT NULL,
    grams    text[] NOT NULL
);
CREATE INDEX case_text_grams ON case_text USING gin (grams);

CREATE TABLE instruction (
    instruction_id uuid PRIMARY KEY,
    case_id        uuid        NOT NULL,
    organisation   text        NOT NULL,
    round          integer     NOT NULL,
    instructed_at  timestamptz NOT NULL
);
CREATE INDEX instruction_case ON instruction (case_id);
CREATE INDEX instruction_period ON instruction (organisation, instructed_at);

-- Who must never see a case; the latest word stands. Why is not told.
CREATE TABLE case_bar (
    case_id       uuid PRIMARY KEY,
    organisations jsonb NOT NULL,
    officials     jsonb NOT NULL
);

-- Who opened which dossier: when somebody turns out to be barred, this is what was read. Not part of the read model.
CREATE TABLE reading (
    case_id  uuid        NOT NULL,
    official text        NOT NULL,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (case_id, official)
);
