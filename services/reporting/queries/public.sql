-- What other agencies are told, and who they are.

-- name: anybody_listens
-- Whether any agency subscribes: before that, nothing is told.
SELECT EXISTS (SELECT FROM subscriber WHERE removed_at IS NULL) AS listens

-- name: subscribers
-- Those who subscribe.
SELECT name, events, organisations, added_at, added_by, rotated_at FROM subscriber WHERE removed_at IS NULL ORDER BY name

-- name: subscribe
-- An agency subscribes, anew or to something else.
INSERT INTO subscriber AS s (name, events, organisations, added_at, added_by)
VALUES (%(name)s, %(events)s, %(organisations)s, %(now)s, %(by)s)
ON CONFLICT (name) DO UPDATE SET events = excluded.events, organisations = excluded.organisations, removed_at = NULL,
    added_at = CASE WHEN s.removed_at IS NULL THEN s.added_at ELSE excluded.added_at END,
    added_by = CASE WHEN s.removed_at IS NULL THEN s.added_by ELSE excluded.added_by END

-- name: unsubscribe
-- It does no more. The row stays: who was told what, and until when.
UPDATE subscriber SET removed_at = %(now)s WHERE name = %(name)s AND removed_at IS NULL RETURNING name

-- name: note_rotation
-- It has another password since.
UPDATE subscriber SET rotated_at = %(now)s WHERE name = %(name)s AND removed_at IS NULL RETURNING name

-- name: month_counted
-- A month by whose case it is: how many were read, concluded and closed, and how many of these are told nobody one by one.
SELECT c.organisation,
    count(*) FILTER (WHERE c.reviewed_at >= %(first)s AND c.reviewed_at < %(after)s) AS read,
    count(*) FILTER (WHERE c.reviewed_at >= %(first)s AND c.reviewed_at < %(after)s AND p.case_id IS NULL) AS read_untold,
    count(*) FILTER (WHERE c.concluded_at >= %(first)s AND c.concluded_at < %(after)s) AS concluded,
    count(*) FILTER (WHERE c.concluded_at >= %(first)s AND c.concluded_at < %(after)s AND p.case_id IS NULL) AS concluded_untold,
    count(*) FILTER (WHERE c.closed_at >= %(first)s AND c.closed_at < %(after)s) AS closed,
    count(*) FILTER (WHERE c.closed_at >= %(first)s AND c.closed_at < %(after)s AND p.case_id IS NULL) AS closed_untold
FROM case_row c LEFT JOIN published_case p USING (case_id)
WHERE c.organisation IS NOT NULL AND greatest(c.reviewed_at, c.concluded_at, c.closed_at) >= %(first)s
GROUP BY c.organisation ORDER BY c.organisation
