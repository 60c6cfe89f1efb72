-- depends: 0001_bus
-- The directory as this service knows it. In routing these are the originals, elsewhere what directory.* events told.
CREATE TABLE organisation (
    code         text PRIMARY KEY,
    name         text NOT NULL,
    name_en      text NOT NULL,
    superior     text,
    has_instance boolean NOT NULL
);

CREATE TABLE official (
    official text PRIMARY KEY,
    name     text NOT NULL,
    active   boolean NOT NULL,
    posts    jsonb NOT NULL      -- [{organisation, title, roles}]
);

CREATE TABLE session_ended (
    session  text,               -- null: every session of the official begun before `before`
    official text NOT NULL,
    before   timestamptz NOT NULL
);
CREATE INDEX session_ended_official ON session_ended (official);
