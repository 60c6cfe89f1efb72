-- What petitioners add on the tracking page.

-- name: add_supplement
-- A sealed text; no row when the form was sent before.
INSERT INTO supplement (id, case_id, fingerprint, text, received_at)
VALUES (%(id)s, %(case_id)s, %(fingerprint)s, %(text)s, %(now)s) ON CONFLICT (id) DO NOTHING RETURNING id

-- name: supplement_of_key
-- What a form that was sent before had in it.
SELECT case_id, fingerprint FROM supplement WHERE id = %(id)s

-- name: supplements_since
-- How often something was added to a case since the day began.
SELECT count(*) AS n FROM supplement WHERE case_id = %(case_id)s AND received_at >= %(since)s

-- name: take_up_supplements
-- Those of some additions to a case that waited; a clerk has read them and seen to the brief.
UPDATE supplement SET taken_up_at = %(now)s, taken_up_by = %(by)s::jsonb
WHERE case_id = %(case_id)s AND id = ANY(%(ids)s::uuid[]) AND taken_up_at IS NULL RETURNING id

-- name: supplements_of_case
-- What was added to a case, in time order.
SELECT id, text, received_at, taken_up_at, taken_up_by ->> 'name' AS taken_up_by FROM supplement
WHERE case_id = %(case_id)s ORDER BY received_at, id
