-- depends: 0102_accounts
-- Tries to sign in are counted by name and address together, by address, and by name over addresses that are new to it.

-- Counts of names alone would slow an official down for what strangers try.
DELETE FROM sign_in_try;
COMMENT ON COLUMN sign_in_try.name IS 'what is counted: SHA-256 of a name, of a name at an address, or of an address';

-- From where a name has signed in of late.
CREATE TABLE sign_in_place (
    name    text        NOT NULL,         -- SHA-256 of the name
    address text        NOT NULL,         -- keyed hash of the address; without the web's secret it says nothing
    last_at timestamptz NOT NULL,
    PRIMARY KEY (name, address)
);
CREATE INDEX sign_in_place_age ON sign_in_place (last_at);
