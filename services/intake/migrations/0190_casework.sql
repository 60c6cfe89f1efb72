-- depends: 0106_originals
-- What a petitioner adds on the tracking page, sealed under the case's key, until a clerk has taken it up.
CREATE TABLE supplement (
    id          uuid        PRIMARY KEY,        -- the form's key
    case_id     uuid        NOT NULL REFERENCES petition,
    fingerprint bytea       NOT NULL,           -- keyed hash: the same form sent twice, or with another content
    text        bytea       NOT NULL,
    received_at timestamptz NOT NULL,
    taken_up_at timestamptz,
    taken_up_by jsonb,
    CHECK ((taken_up_at IS NULL) = (taken_up_by IS NULL))
);
CREATE INDEX supplement_case ON supplement (case_id, received_at);
CREATE INDEX supplement_waiting ON supplement (case_id) WHERE taken_up_at IS NULL;

-- What a clerk is typing, sealed under a key of its own, for that clerk alone. `id` is the form's key.
CREATE TABLE draft (
    id       uuid        PRIMARY KEY,
    official text        NOT NULL,
    form     text        NOT NULL,              -- a channel, or brief
    case_id  uuid,                              -- whose brief it is
    data_key bytea       NOT NULL,
    fields   bytea       NOT NULL,
    saved_at timestamptz NOT NULL
);
CREATE INDEX draft_official ON draft (official, saved_at);
CREATE INDEX draft_saved ON draft (saved_at);

-- Who accepted, for the notice (art. 23). Cases accepted before know only when.
ALTER TABLE petition ADD COLUMN accepted_by jsonb;

-- The form by which a lost code was last replaced: sent twice, it shows the same code. NULL: the first code is the right one.
ALTER TABLE sealed ADD COLUMN code_key uuid;

-- Answers made public. What is changed is withdrawn and published anew, so each row is what the public once read.
CREATE TABLE published (
    id               uuid        PRIMARY KEY,   -- what the page's address holds: nothing of the case
    case_id          uuid        NOT NULL REFERENCES petition,
    round            integer     NOT NULL,      -- a later round takes the answer of this one off the pages
    title            text        NOT NULL,
    brief            text        NOT NULL,
    answer           text        NOT NULL,
    category         text        NOT NULL,
    place            text        NOT NULL,
    outcome          text        NOT NULL,
    consent          text        NOT NULL,
    published_at     timestamptz NOT NULL,
    published_by     jsonb       NOT NULL,
    withdrawn_at     timestamptz,
    withdrawn_by     jsonb,
    withdrawn_reason text,
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL))
);
CREATE UNIQUE INDEX published_now ON published (case_id) WHERE withdrawn_at IS NULL;
CREATE INDEX published_time ON published (published_at DESC) WHERE withdrawn_at IS NULL;
