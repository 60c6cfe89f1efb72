-- depends: 0103_sign_in_places
-- Standard phrases that an official keeps for himself, beside the county's.
CREATE TABLE phrase (
    id       uuid PRIMARY KEY,
    official text    NOT NULL,
    position integer NOT NULL,
    text     text    NOT NULL
);
CREATE INDEX phrase_official ON phrase (official, position);
