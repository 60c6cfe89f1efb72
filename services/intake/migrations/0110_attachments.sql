-- depends: 0106_originals
-- Files of a petition. Name and bytes are sealed under the case's key; the bytes lie in the store, as `stored`.
CREATE TABLE attachment (
    id         uuid        PRIMARY KEY,
    case_id    uuid        NOT NULL REFERENCES petition,
    position   integer     NOT NULL,
    kind       text        NOT NULL,
    form       text        NOT NULL,       -- what the bytes are, whatever the name says
    size       integer     NOT NULL,
    pages      integer     NOT NULL,       -- that can be shown; 0: it is only downloaded
    macros     boolean     NOT NULL,
    unreadable boolean     NOT NULL,
    name       bytea       NOT NULL,
    stored     text        NOT NULL,
    scan       text        NOT NULL,
    finding    text        NOT NULL,
    added_at   timestamptz NOT NULL,
    added_by   jsonb,                      -- null: the petitioner
    removed_at timestamptz,
    removed_by jsonb,
    UNIQUE (case_id, stored)               -- the same file twice is once
);
CREATE INDEX attachment_stored ON attachment (stored);
CREATE INDEX attachment_unscanned ON attachment (added_at) WHERE scan IN ('none', 'waiting');
