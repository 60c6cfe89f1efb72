-- Corrections of visits' records.

-- name: add_amendment
-- A correction; no row when the form's key was used before.
INSERT INTO visit_amendment (id, visit_id, words, made_at, made_by) VALUES (%(id)s, %(visit_id)s, %(words)s, %(now)s, %(by)s::jsonb)
ON CONFLICT (id) DO NOTHING RETURNING id

-- name: amendments_of_visit
-- Those of a visit, in time order.
SELECT id, words, made_at, made_by FROM visit_amendment WHERE visit_id = %(visit_id)s ORDER BY made_at, id
