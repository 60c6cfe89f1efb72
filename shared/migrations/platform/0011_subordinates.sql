-- depends: 0010_agreement
-- The instances below that were joined by `zhida instance create`, beside those that the settings name.
CREATE TABLE platform.subordinate (
    org       text        PRIMARY KEY,
    services  text        NOT NULL,   -- divided by blanks
    broker    text        NOT NULL,   -- host:port/virtual host, without sign-in
    joined_at timestamptz NOT NULL DEFAULT now()
);
