-- depends: 0101_handling
-- Which leader carries a case until it is over, as supervision tells it; the last word stands.
CREATE TABLE carried_case (
    case_id   uuid PRIMARY KEY,
    charge_id uuid        NOT NULL,
    leader    jsonb       NOT NULL,
    taken_at  timestamptz NOT NULL,
    ended_at  timestamptz
);
