-- Filters that an official keeps. Every statement names whose they are: nobody finds anybody else's.

-- name: keep_filters_in_turn
-- Two windows of one official are one after the other, so that both count what the other kept.
SELECT pg_advisory_xact_lock(hashtextextended('saved filters of ' || %(me)s, 0))

-- name: saved_filters
-- An official's filters, in the order in which he kept them.
SELECT id, name, filter FROM saved_filter WHERE official = %(me)s ORDER BY id

-- name: add_filter
-- Another one.
INSERT INTO saved_filter (official, name, filter, saved_at) VALUES (%(me)s, %(name)s, %(filter)s, %(now)s)

-- name: replace_filter
-- The same name for another filter.
UPDATE saved_filter SET filter = %(filter)s, saved_at = %(now)s WHERE official = %(me)s AND id = %(id)s

-- name: rename_filter
-- Another name for the same filter.
UPDATE saved_filter SET name = %(name)s WHERE official = %(me)s AND id = %(id)s

-- name: delete_filter
-- Its owner needs it no more.
DELETE FROM saved_filter WHERE official = %(me)s AND id = %(id)s RETURNING name

-- name: leader_known
-- Whether an official is in office, or, where the directory here does not reach to him, has cases.
SELECT EXISTS (SELECT FROM official WHERE official = %(leader)s AND active)
    OR (NOT EXISTS (SELECT FROM official WHERE official = %(leader)s) AND EXISTS (SELECT FROM case_unit WHERE official = %(leader)s)) AS known
