-- depends: 0106_originals
-- What was destroyed after the time for which it had to be kept. The rows of the petitions stay, without what was sealed.
CREATE TABLE erasure (
    case_id   uuid        PRIMARY KEY,
    number    text        NOT NULL,
    erased_at timestamptz NOT NULL
);
CREATE INDEX petition_archived ON petition (archived_at) WHERE stage = 'archived';
