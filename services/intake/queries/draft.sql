-- What clerks are typing.

-- name: save_draft
-- A draft, new or again; no row when it is somebody else's, or when its form was sent meanwhile.
INSERT INTO draft (id, official, form, case_id, data_key, fields, saved_at)
SELECT %(id)s, %(official)s, %(form)s, %(case_id)s, %(data_key)s, %(fields)s, %(now)s
WHERE NOT EXISTS (SELECT FROM petition WHERE idempotency_key = %(id)s)
ON CONFLICT (id) DO UPDATE SET form = excluded.form, data_key = excluded.data_key, fields = excluded.fields, saved_at = excluded.saved_at
WHERE draft.official = excluded.official AND draft.data_key <> '' RETURNING id

-- name: drafts_of
-- An official's own drafts, the latest first; none of a case that he is barred from, and none that was registered meanwhile.
SELECT d.id, d.form, d.case_id, d.data_key, d.fields, d.saved_at, p.number FROM draft d LEFT JOIN petition p ON p.id = d.case_id
WHERE d.official = %(official)s AND d.data_key <> '' AND (%(id)s::uuid IS NULL OR d.id = %(id)s)
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = d.case_id AND b.code = ANY(%(codes)s))
  AND NOT EXISTS (SELECT FROM petition r WHERE r.idempotency_key = d.id)
ORDER BY d.saved_at DESC, d.id

-- name: count_drafts
-- How many drafts an official has.
SELECT count(*) AS n FROM draft d WHERE d.official = %(official)s AND d.data_key <> ''
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = d.case_id AND b.code = ANY(%(codes)s))
  AND NOT EXISTS (SELECT FROM petition r WHERE r.idempotency_key = d.id)

-- name: drop_draft
-- An official's own draft.
DELETE FROM draft WHERE id = %(id)s AND official = %(official)s

-- name: end_draft
-- The key of a form that was sent, without what was typed.
INSERT INTO draft (id, official, form, data_key, fields, saved_at) VALUES (%(id)s, %(official)s, %(form)s, '', '', %(now)s)
ON CONFLICT (id) DO UPDATE SET data_key = '', fields = '', saved_at = excluded.saved_at WHERE draft.official = excluded.official

-- name: expire_drafts
-- Drafts that nobody has saved for so long.
DELETE FROM draft WHERE id IN (SELECT id FROM draft WHERE saved_at < %(before)s ORDER BY saved_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id
