-- Standard phrases that an official keeps for himself.

-- name: lock_phrases
-- Changes of one official's phrases follow each other.
SELECT pg_advisory_xact_lock(hashtext('routing.phrase ' || %(official)s))

-- name: phrases_of
-- An official's phrases in his order.
SELECT id, text FROM phrase WHERE official = %(official)s ORDER BY position, id

-- name: add_phrase
-- A phrase after the others; the same one a second time changes nothing.
INSERT INTO phrase (id, official, position, text)
SELECT %(id)s, %(official)s, coalesce(max(position), 0) + 1, %(text)s FROM phrase WHERE official = %(official)s
ON CONFLICT (id) DO NOTHING

-- name: order_phrases
-- The order that he wants.
UPDATE phrase p SET position = o.place FROM unnest(%(keys)s::uuid[]) WITH ORDINALITY AS o (id, place)
WHERE p.id = o.id AND p.official = %(official)s

-- name: remove_phrase
-- One of his is gone; no row when it was none.
DELETE FROM phrase WHERE id = %(id)s AND official = %(official)s RETURNING id
