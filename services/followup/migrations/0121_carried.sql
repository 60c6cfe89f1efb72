-- depends: 0120_review
-- Who carries a case, which round a closing ended, a review of each answer, and indexes for what is counted on every page.

-- The leader who carries a case until it is over: he neither asks nor judges, and no further one is proposed.
CREATE TABLE carried_case (
    case_id   uuid PRIMARY KEY,
    charge_id uuid        NOT NULL,
    leader    jsonb       NOT NULL,
    taken_at  timestamptz NOT NULL,
    ended_at  timestamptz
);

ALTER TABLE followed_case ADD COLUMN closed_round integer;
UPDATE followed_case c SET closed_round = x.round
FROM closing x WHERE x.case_id = c.id AND x.number = c.closings AND c.closed_at IS NOT NULL;

-- A further answer may be reviewed like the first one.
DROP INDEX review_case;
CREATE INDEX review_case ON review (case_id, asked_at);

-- Whoever reviews works here, must not be kept from the case, and had no part in it; nor had his unit.
CREATE FUNCTION may_review(reviewed uuid, reader text, posts text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT may_see(reviewed, reader, posts) AND NOT has_handled(reviewed, reader, posts) AND EXISTS (
        SELECT FROM followed_case c, unnest(posts) p
        WHERE c.id = reviewed AND NOT EXISTS (
            SELECT FROM organisation i
            WHERE i.has_instance AND i.code <> c.organisation AND starts_with(i.code, c.organisation) AND starts_with(p, i.code))
    )
$$;

-- Of what waits for somebody: the badges stand on every page.
CREATE INDEX task_unreachable ON task (settled_at, id) WHERE stage = 'unreachable';
CREATE INDEX task_recheck ON task (due_at, id)
    WHERE sampled AND checked_at IS NULL AND source = 'staff' AND stage IN ('satisfied', 'not_satisfied');
CREATE INDEX followed_case_followed ON followed_case (id) WHERE stage = 'followed';
