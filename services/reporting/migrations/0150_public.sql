-- depends: 0170_charge
-- What other agencies are told. Not part of the read model: what has been told stays told.

-- Under which name a case is told, so that nobody outside can find it here, or at a counter, by what he was told.
CREATE TABLE published_case (
    case_id   uuid PRIMARY KEY,
    public_id uuid        NOT NULL UNIQUE,
    told_at   timestamptz NOT NULL
);

CREATE TABLE subscriber (
    name          text PRIMARY KEY,
    events        text[]      NOT NULL,   -- patterns of routing keys, as `case.*`
    organisations text[]      NOT NULL,   -- codes, or `*`
    added_at      timestamptz NOT NULL,
    added_by      text        NOT NULL,   -- who was at the command line
    rotated_at    timestamptz,
    removed_at    timestamptz
);
