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

-- name: instances
-- In whose instance each of some organisations works, by the directory: the nearest upwards that has one; and which lie below ours.
WITH RECURSIVE up AS (
    SELECT code AS asked, code, superior, has_instance, 0 AS depth FROM organisation WHERE code = ANY(%(codes)s)
    UNION ALL
    SELECT up.asked, o.code, o.superior, o.has_instance, depth + 1 FROM up JOIN organisation o ON o.code = up.superior
    WHERE NOT up.has_instance AND depth < 20
)
SELECT asked AS code, code AS instance FROM up WHERE has_instance
UNION SELECT code, code FROM organisation WHERE '*' = ANY(%(codes)s) AND has_instance AND code <> %(own)s AND code LIKE %(own)s || '%%'
ORDER BY code

-- name: unsubscribe
-- It does no more. The row stays: who was told what, and until when.
UPDATE subscriber SET removed_at = %(now)s WHERE name = %(name)s AND removed_at IS NULL RETURNING name

-- name: note_rotation
-- It has another password since.
UPDATE subscriber SET rotated_at = %(now)s WHERE name = %(name)s AND removed_at IS NULL RETURNING name

-- name: month_counted
-- A month by whose case it is: how many were read, concluded and closed; how many of these nobody was told one by one; and how many
-- were told that count no more (reopened since, and told no further).
SELECT c.organisation,
    count(*) FILTER (WHERE s.read) AS read,
    count(*) FILTER (WHERE s.read AND NOT t.read) AS read_untold,
    count(*) FILTER (WHERE t.read AND NOT s.read) AS read_undone,
    count(*) FILTER (WHERE s.concluded) AS concluded,
    count(*) FILTER (WHERE s.concluded AND NOT t.concluded) AS concluded_untold,
    count(*) FILTER (WHERE t.concluded AND NOT s.concluded) AS concluded_undone,
    count(*) FILTER (WHERE s.closed) AS closed,
    count(*) FILTER (WHERE s.closed AND NOT t.closed) AS closed_untold,
    count(*) FILTER (WHERE t.closed AND NOT s.closed) AS closed_undone
FROM case_row c LEFT JOIN published_case p USING (case_id),
LATERAL (
    SELECT coalesce(c.reviewed_at >= %(first)s AND c.reviewed_at < %(after)s, false) AS read,
           coalesce(c.concluded_at >= %(first)s AND c.concluded_at < %(after)s, false) AS concluded,
           coalesce(c.closed_at >= %(first)s AND c.closed_at < %(after)s, false) AS closed
) AS s,
LATERAL (
    SELECT coalesce(p.read_on >= %(first_day)s AND p.read_on < %(after_day)s, false) AS read,
           coalesce(p.concluded_on >= %(first_day)s AND p.concluded_on < %(after_day)s, false) AS concluded,
           coalesce(p.closed_on >= %(first_day)s AND p.closed_on < %(after_day)s, false) AS closed
) AS t
WHERE c.organisation IS NOT NULL AND (
    greatest(c.reviewed_at, c.concluded_at, c.closed_at) >= %(first)s OR greatest(p.read_on, p.concluded_on, p.closed_on) >= %(first_day)s
)
GROUP BY c.organisation ORDER BY c.organisation
