-- Petitions that belong together.

-- name: links_of_case
-- What a petition is linked with, or was, as far as the reader may see the other one; the latest first.
SELECT l.id, l.relation, l.case_id, l.other_id, l.stage, l.why, l.linked_at, l.linked_by, l.undone_at, l.undone_by, l.undone_for,
       o.id AS opposite, o.number, o.title, o.stage AS opposite_stage, o.outcome, o.answer, o.registered_at, o.concluded_at
FROM link l JOIN petition o ON o.id = CASE WHEN l.case_id = %(case_id)s THEN l.other_id ELSE l.case_id END
WHERE (l.case_id = %(case_id)s OR l.other_id = %(case_id)s)
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = o.id AND b.code = ANY(%(codes)s))
ORDER BY l.linked_at DESC, l.id DESC

-- name: pair_of_link
-- Which petitions a link is about, so that these are locked first.
SELECT case_id, other_id FROM link WHERE id = %(id)s

-- name: earlier_of_case
-- The petitions that this one repeats, however many links away, the first one first; of these alone the chain is counted.
WITH RECURSIVE chain (id) AS (
    SELECT %(case_id)s::uuid
    UNION
    SELECT CASE WHEN l.case_id = c.id THEN l.other_id ELSE l.case_id END
    FROM chain c JOIN link l ON l.case_id = c.id OR l.other_id = c.id
    WHERE l.relation = 'repeat_of' AND l.stage = 'linked'
)
SELECT p.id, p.number, p.registered_at, p.outcome, p.answer, p.stage
FROM chain JOIN petition p USING (id), petition this
WHERE this.id = %(case_id)s AND (p.registered_at, p.number) < (this.registered_at, this.number)
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s))
ORDER BY p.registered_at, p.number

-- name: split_family
-- Some petitions with what was ever split off them, and what they were split off, over any number of splits.
WITH RECURSIVE found (id) AS (
    SELECT unnest(%(ids)s::uuid[])
    UNION
    SELECT CASE WHEN l.case_id = f.id THEN l.other_id ELSE l.case_id END
    FROM found f JOIN link l ON l.case_id = f.id OR l.other_id = f.id
    WHERE l.relation = 'split_from'
)
SELECT id FROM found

-- name: group_of_case
-- Who wrote a petition and those that were ever linked with it, sealed; `merged`: merges alone lead there.
WITH RECURSIVE found (id, merged) AS (
    SELECT %(case_id)s::uuid, true
    UNION
    SELECT CASE WHEN l.case_id = f.id THEN l.other_id ELSE l.case_id END, f.merged AND l.relation = 'merged_into'
    FROM found f JOIN link l ON l.case_id = f.id OR l.other_id = f.id
)
SELECT s.case_id, s.data_key, s.identity, bool_or(f.merged) AS merged
FROM found f JOIN sealed s ON s.case_id = f.id GROUP BY s.case_id

-- name: note_unlike
-- A clerk found that two petitions are about different matters.
INSERT INTO unlike (one, other, at, by)
VALUES (least(%(case_id)s, %(other_id)s), greatest(%(case_id)s, %(other_id)s), %(now)s, %(by)s::jsonb) ON CONFLICT DO NOTHING

-- name: undo_unlike
-- And took it back.
UPDATE unlike SET undone_at = %(now)s, undone_by = %(by)s::jsonb
WHERE one = least(%(case_id)s, %(other_id)s) AND other = greatest(%(case_id)s, %(other_id)s) AND undone_at IS NULL

-- name: unlikes_of_case
-- What was found to be something else than a petition, as far as the reader may see it; the latest first.
SELECT o.id, o.number, u.at, u.by FROM unlike u JOIN petition o ON o.id = CASE WHEN u.one = %(case_id)s THEN u.other ELSE u.one END
WHERE (u.one = %(case_id)s OR u.other = %(case_id)s) AND u.undone_at IS NULL
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = o.id AND b.code = ANY(%(codes)s))
ORDER BY u.at DESC, o.number

-- name: family_of_case
-- For the tracking page: the lead that a petition goes on under, and what was split off it.
SELECT l.relation, o.id, o.number, o.outcome, o.answer, o.concluded_at
FROM link l JOIN petition o ON o.id = CASE WHEN l.case_id = %(case_id)s THEN l.other_id ELSE l.case_id END
WHERE l.stage = 'linked' AND ((l.relation = 'merged_into' AND l.case_id = %(case_id)s) OR (l.relation = 'split_from' AND l.other_id = %(case_id)s))
ORDER BY l.linked_at, o.number
