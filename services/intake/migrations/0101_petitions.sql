-- Petitions. What a petitioner wrote or is stands in `sealed` alone, encrypted; `petition` holds codes and officials' words.
CREATE SEQUENCE petition_number;    -- a number may be left out, never given twice, and nobody waits for one

CREATE TABLE petition (
    id              uuid        PRIMARY KEY,
    number          text        NOT NULL UNIQUE,
    idempotency_key uuid        NOT NULL UNIQUE,       -- a submission's own key: a retry finds its receipt by it
    stage           text        NOT NULL,
    channel         text        NOT NULL,
    matter_type     text        NOT NULL,
    category        text        NOT NULL,
    place           text        NOT NULL,
    identity        text        NOT NULL,
    group_size      integer     NOT NULL CHECK (group_size >= 1),
    language        text        NOT NULL,
    has_email       boolean     NOT NULL,
    received_at     timestamptz NOT NULL,
    registered_at   timestamptz NOT NULL,
    registered_by   jsonb,
    title           text        NOT NULL DEFAULT '',   -- a clerk's redacted words
    brief           text        NOT NULL DEFAULT '',
    revision        integer     NOT NULL DEFAULT 0,
    accepted_at     timestamptz,
    conflict_set_at timestamptz,
    withdrawn_at    timestamptz,
    concluded_at    timestamptz,
    round           integer     NOT NULL DEFAULT 0,
    outcome         text        NOT NULL DEFAULT '',
    answer          text        NOT NULL DEFAULT '',   -- an official's words to the petitioner
    closed_at       timestamptz,
    archived_at     timestamptz
);
CREATE INDEX petition_desk ON petition (registered_at DESC);
CREATE INDEX petition_unbriefed ON petition (registered_at) WHERE brief = '';
CREATE INDEX petition_unaccepted ON petition (registered_at) WHERE accepted_at IS NULL;
CREATE TRIGGER guard_stage BEFORE UPDATE OF stage ON petition FOR EACH ROW EXECUTE FUNCTION guard_stage('petition');

CREATE TABLE sealed (
    case_id     uuid  PRIMARY KEY REFERENCES petition,
    fingerprint bytea NOT NULL,             -- keyed hash of what was submitted: tells a retry from another petition
    code_hash   text  NOT NULL,             -- SHA-256 of the secret code
    data_key    bytea NOT NULL,             -- wrapped by the master key
    words       bytea NOT NULL,             -- title, text, place, particulars, names of attachments
    identity    bytea NOT NULL,             -- the petitioner, and the code for a receipt that is shown again
    phone_index bytea,                      -- keyed hashes, for finding the same person again
    email_index bytea
);
CREATE INDEX sealed_phone ON sealed (phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX sealed_email ON sealed (email_index) WHERE email_index IS NOT NULL;

-- The bytes as they came: mails now, scans and recordings later.
CREATE TABLE original (
    case_id uuid    NOT NULL REFERENCES petition,
    part    integer NOT NULL,
    size    integer NOT NULL,
    bytes   bytea   NOT NULL,
    PRIMARY KEY (case_id, part)
);
ALTER TABLE original ALTER COLUMN bytes SET STORAGE EXTERNAL;   -- ciphertext does not compress

CREATE TABLE milestone (
    case_id uuid        NOT NULL,
    kind    text        NOT NULL,
    round   integer     NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (case_id, kind, round)
);

CREATE TABLE follow_up (
    case_id     uuid        NOT NULL,
    round       integer     NOT NULL,
    task_id     uuid        NOT NULL,
    due_at      timestamptz NOT NULL,
    asked_at    timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (case_id, round)
);
