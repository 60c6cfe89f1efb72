-- depends: 0106_originals
-- The boards that the county names: how each stands, what was written there, and the answers that are posted back.
CREATE TABLE board (
    name          text        PRIMARY KEY,
    address       bytea       NOT NULL,     -- keyed hash of what was fetched: another address has other validators
    etag          text        NOT NULL,
    last_modified text        NOT NULL,
    next_fetch_at timestamptz NOT NULL,
    succeeded_at  timestamptz,
    failing_since timestamptz,
    failures      integer     NOT NULL,
    failure       text        NOT NULL,
    passed_over   integer     NOT NULL      -- posts of the last answer that the county's words did not let in
);

CREATE TABLE board_item (
    id            uuid        PRIMARY KEY,  -- keyed hash of board and post: the same post is the same row, however often it comes
    board         text        NOT NULL,
    stage         text        NOT NULL,
    reason        text        NOT NULL,
    posted_at     timestamptz,
    first_seen_at timestamptz NOT NULL,
    revision      integer     NOT NULL,
    read_revision integer     NOT NULL,
    data_key      bytea       NOT NULL,
    case_id       uuid,
    ended_at      timestamptz,
    ended_by      jsonb,
    set_aside_for text
);
CREATE INDEX board_item_waiting ON board_item (first_seen_at) WHERE stage = 'waiting';
CREATE INDEX board_item_edited ON board_item (first_seen_at) WHERE stage = 'registered' AND revision > read_revision;
CREATE INDEX board_item_aside ON board_item (board, ended_at) WHERE stage = 'aside';
CREATE UNIQUE INDEX board_item_case ON board_item (case_id) WHERE case_id IS NOT NULL;
CREATE TRIGGER guard_stage BEFORE UPDATE OF stage ON board_item FOR EACH ROW EXECUTE FUNCTION guard_stage('board_item');

CREATE TABLE board_text (
    item_id     uuid        NOT NULL REFERENCES board_item DEFERRABLE INITIALLY DEFERRED,
    revision    integer     NOT NULL,
    seen_at     timestamptz NOT NULL,
    fingerprint bytea       NOT NULL,
    bytes       bytea       NOT NULL,
    PRIMARY KEY (item_id, revision)
);
ALTER TABLE board_text ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE board_reply (
    id              uuid        PRIMARY KEY,
    case_id         uuid        NOT NULL,
    item_id         uuid        NOT NULL,
    board           text        NOT NULL,
    round           integer     NOT NULL,
    stage           text        NOT NULL,
    text            text        NOT NULL,   -- an official's words, for everybody to read
    approved_by     jsonb       NOT NULL,
    approved_at     timestamptz NOT NULL,
    attempts        integer     NOT NULL,
    next_attempt_at timestamptz,
    failure         text        NOT NULL,
    ended_at        timestamptz,
    ended_by        jsonb,
    link            bytea       NOT NULL,   -- where it stands, sealed under the case's key: beside it stands who asked
    UNIQUE (case_id, round)
);
CREATE INDEX board_reply_due ON board_reply (next_attempt_at) WHERE stage = 'waiting';
CREATE TRIGGER guard_stage BEFORE UPDATE OF stage ON board_reply FOR EACH ROW EXECUTE FUNCTION guard_stage('board_reply');
