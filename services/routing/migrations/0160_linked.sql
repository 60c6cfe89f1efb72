-- depends: 0103_sign_in_places
-- What a case belongs together with, as intake tells it of each of the two; `earlier` is for cases that were never in hand here.
CREATE TABLE case_link (
    link_id      uuid        NOT NULL,
    case_id      uuid        NOT NULL,
    other        uuid        NOT NULL,
    other_number text        NOT NULL,
    relation     text        NOT NULL,
    earlier      jsonb       NOT NULL,
    linked_by    jsonb       NOT NULL,
    linked_at    timestamptz NOT NULL,
    undone_at    timestamptz,
    PRIMARY KEY (link_id, case_id)
);
CREATE INDEX case_link_case ON case_link (case_id) WHERE undone_at IS NULL;
