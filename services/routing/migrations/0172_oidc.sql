-- depends: 0171_second_factor
-- Signing in by the county's identity provider. Times are real time.

-- A sign-in that is under way at the provider: what has to come back with the browser, good once.
CREATE TABLE oidc_flow (
    state_hash text PRIMARY KEY,         -- SHA-256
    nonce      text        NOT NULL,
    verifier   text        NOT NULL,
    next       text        NOT NULL,
    official   text,                     -- who began it to link an identity to his own account
    expires_at timestamptz NOT NULL
);

-- Which identity is which official. Never found by an address or a name: somebody who may do so has said it.
CREATE TABLE oidc_subject (
    issuer    text        NOT NULL,
    subject   text        NOT NULL,
    official  text        NOT NULL,
    linked_at timestamptz NOT NULL,
    linked_by jsonb       NOT NULL,
    used_at   timestamptz,
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, official)
);

-- Identities that the provider vouched for and that are nobody's here yet.
CREATE TABLE oidc_stranger (
    id       uuid PRIMARY KEY,
    issuer   text        NOT NULL,
    subject  text        NOT NULL,
    name     text        NOT NULL,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    UNIQUE (issuer, subject)
);
