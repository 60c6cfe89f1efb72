-- depends: 0211_bars_by_family
-- Asking after the conclusion: the policy's questions and terms, one-case links, the petitioner's own words, reviews.
ALTER TABLE petition
    ADD COLUMN close_reason    text NOT NULL DEFAULT '',
    ADD COLUMN close_authority text NOT NULL DEFAULT '',   -- of a closing by decision: who took it, and why
    ADD COLUMN close_words     text NOT NULL DEFAULT '';

ALTER TABLE follow_up
    ADD COLUMN questions       jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN terms           jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN corrected_at    timestamptz,
    ADD COLUMN recorded_at     timestamptz,                -- staff wrote down that he was satisfied
    ADD COLUMN contest_until   timestamptz,
    ADD COLUMN contested_at    timestamptz,
    ADD COLUMN reopen_asked_at timestamptz;

-- A link serves one case and one round, once. The token is in the mail alone.
CREATE TABLE rating_link (
    token_hash text        PRIMARY KEY,                    -- SHA-256 of 256 random bits
    case_id    uuid        NOT NULL,
    round      integer     NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX rating_link_case ON rating_link (case_id, round);

-- What a petitioner wrote beside his answers, or why he asks for a review; sealed under the case's key.
CREATE TABLE remark (
    id       uuid        PRIMARY KEY,
    case_id  uuid        NOT NULL,
    round    integer     NOT NULL,
    kind     text        NOT NULL CHECK (kind IN ('answer', 'correction', 'contest', 'reopen', 'review', 'final')),
    text     bytea       NOT NULL,
    given_at timestamptz NOT NULL
);
CREATE INDEX remark_case ON remark (case_id, given_at);

CREATE TABLE review_request (
    id          uuid        PRIMARY KEY,
    case_id     uuid        NOT NULL,
    level       text        NOT NULL CHECK (level IN ('review', 'final')),
    asked_at    timestamptz NOT NULL,
    decision    text        NOT NULL,
    answer      text        NOT NULL,                      -- an official's words to the petitioner
    document    text        NOT NULL,
    decided_at  timestamptz,
    final_until timestamptz,
    reviewer    text        NOT NULL                       -- the official who decides: he reads the reasons
);
CREATE UNIQUE INDEX review_request_level ON review_request (case_id, level);
