-- depends: 0160_interviews
-- Filters of the case list that somebody keeps under a name, for himself alone. Not part of the read model.
CREATE TABLE saved_filter (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    official text        NOT NULL,
    name     text        NOT NULL,
    filter   jsonb       NOT NULL,   -- the address's arguments, checked when it was kept
    saved_at timestamptz NOT NULL,
    UNIQUE (official, name)
);
