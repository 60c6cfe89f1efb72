-- depends: 0170_directory
-- The second factor of local accounts. Times are real time, as of everything that belongs to signing in.

CREATE TABLE totp (
    official     text PRIMARY KEY,
    secret       bytea       NOT NULL,   -- sealed under the web's secret
    made_at      timestamptz NOT NULL,
    not_before   timestamptz NOT NULL,
    confirmed_at timestamptz,            -- null: offered, not in force
    last_step    bigint      NOT NULL,
    failures     integer     NOT NULL
);

CREATE TABLE recovery_code (
    official  text NOT NULL REFERENCES totp ON DELETE CASCADE,
    code_hash text NOT NULL,             -- SHA-256; the code itself is shown once and kept nowhere
    used_at   timestamptz,
    PRIMARY KEY (official, code_hash)
);

-- A right password that waits for its code.
CREATE TABLE sign_in_step (
    token_hash text PRIMARY KEY,         -- SHA-256
    official   text        NOT NULL,
    expires_at timestamptz NOT NULL
);

-- What an official is told when he signs in next: what somebody else did with his account.
CREATE TABLE account_notice (
    id       uuid PRIMARY KEY,
    official text        NOT NULL,
    kind     text        NOT NULL,
    by       jsonb,
    at       timestamptz NOT NULL,
    seen_at  timestamptz
);
CREATE INDEX account_notice_unseen ON account_notice (official) WHERE seen_at IS NULL;

-- By what it was begun: password, link, oidc. Who came by the county's provider is asked whether to leave that too.
ALTER TABLE sign_in_session ADD COLUMN means text NOT NULL DEFAULT 'password';
