-- depends: 0106_originals
-- How far each mail box has been read, and what of it was taken in: told apart by the server's numbers, flagged after the commit.
CREATE TABLE mailbox (
    account     text   NOT NULL,
    folder      text   NOT NULL,
    uidvalidity bigint NOT NULL,
    uid         bigint NOT NULL,
    PRIMARY KEY (account, folder)
);

CREATE TABLE mailbox_seen (
    account     text        NOT NULL,
    folder      text        NOT NULL,
    uidvalidity bigint      NOT NULL,
    uid         bigint      NOT NULL,
    result      text        NOT NULL,
    taken_at    timestamptz NOT NULL,
    flagged_at  timestamptz,
    PRIMARY KEY (account, folder, uidvalidity, uid)
);
CREATE INDEX mailbox_unflagged ON mailbox_seen (account, folder) WHERE flagged_at IS NULL;

-- What the tags in our addresses mean: with a message, that it came back; without, that its case is answered. SHA-256 of 128 bits.
CREATE TABLE thread (
    tag_hash   text PRIMARY KEY,
    case_id    uuid NOT NULL,
    message_id uuid
);
CREATE INDEX thread_case ON thread (case_id);

-- Mails that joined a case. What they say lies apart, under the case's key.
CREATE TABLE correspondence (
    id          uuid        PRIMARY KEY,
    case_id     uuid        NOT NULL,
    key         uuid        NOT NULL UNIQUE,    -- keyed hash of the Message-ID: the same mail joins once
    kind        text        NOT NULL CHECK (kind IN ('answer', 'bounce', 'automatic')),
    stranger    boolean     NOT NULL,
    received_at timestamptz NOT NULL,
    size        integer     NOT NULL,
    seen_at     timestamptz,                    -- empty: a clerk has to read it
    seen_by     jsonb
);
CREATE INDEX correspondence_case ON correspondence (case_id);
CREATE INDEX correspondence_unseen ON correspondence (case_id) WHERE seen_at IS NULL;

CREATE TABLE correspondence_sealed (
    id          uuid  PRIMARY KEY REFERENCES correspondence DEFERRABLE INITIALLY DEFERRED,
    fingerprint bytea NOT NULL,                 -- keyed hash of what it says: tells a mail from another of the same Message-ID
    words       bytea NOT NULL,
    bytes       bytea NOT NULL                  -- as it came
);
ALTER TABLE correspondence_sealed ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Why a message did not arrive, and the code of the server that said so.
ALTER TABLE message ADD COLUMN failure text NOT NULL DEFAULT '', ADD COLUMN status text NOT NULL DEFAULT '';
-- A kept mail: where the rest of it lies when only the headers are here, and its Message-ID's key, so that an answer to it finds the case.
ALTER TABLE unread_mail ADD COLUMN whereabouts text NOT NULL DEFAULT '';
ALTER TABLE unread_bytes ADD COLUMN message_key uuid;
CREATE INDEX unread_message_key ON unread_bytes (message_key) WHERE message_key IS NOT NULL;
