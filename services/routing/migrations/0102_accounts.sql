-- depends: 0101_handling
-- Accounts and sign-in sessions. Times here are real time, also where business time is simulated.

CREATE TABLE account (
    official      text PRIMARY KEY,
    password_hash text        NOT NULL,   -- argon2id
    changed_at    timestamptz NOT NULL
);

-- Kept by what was typed, known or not, so that nobody can tell from the delay which accounts exist.
CREATE TABLE sign_in_try (
    name        text PRIMARY KEY,         -- SHA-256 of the name that was typed
    failures    integer     NOT NULL,
    last_at     timestamptz NOT NULL,
    not_before  timestamptz NOT NULL
);
CREATE INDEX sign_in_try_age ON sign_in_try (last_at);

CREATE TABLE sign_in_link (
    token_hash text PRIMARY KEY,          -- SHA-256; the token itself is shown once and kept nowhere
    official   text        NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE TABLE sign_in_session (
    sid        text PRIMARY KEY,
    official   text        NOT NULL,
    begun_at   timestamptz NOT NULL,
    renewed_at timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX sign_in_session_official ON sign_in_session (official) WHERE ended_at IS NULL;
