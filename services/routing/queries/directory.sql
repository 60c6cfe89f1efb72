-- The directory as it is edited, and its history.

-- name: mark_counted
-- From now on officials' posts hold what is in force on this day.
UPDATE term SET counted = (until_on IS DISTINCT FROM from_on OR from_on IS NULL)
    AND coalesce(from_on <= %(day)s, true) AND coalesce(until_on > %(day)s, true)
WHERE counted <> ((until_on IS DISTINCT FROM from_on OR from_on IS NULL)
    AND coalesce(from_on <= %(day)s, true) AND coalesce(until_on > %(day)s, true))

-- name: turned
-- Officials of whom a term has begun or ended since their posts were written.
SELECT DISTINCT official FROM term
WHERE counted <> ((until_on IS DISTINCT FROM from_on OR from_on IS NULL)
    AND coalesce(from_on <= %(day)s, true) AND coalesce(until_on > %(day)s, true))
ORDER BY official

-- name: is_changed
-- Whether a form or import has been done already.
SELECT EXISTS (SELECT FROM directory_change WHERE key = %(key)s) AS done

-- name: add_changes
-- What was changed, of whom, by whom and why.
INSERT INTO directory_change (id, key, kind, subject_kind, subject, before, after, reason, effective_on, by, at) VALUES %s

-- name: changes_of
-- The history of one unit or official, the latest first.
SELECT id, kind, subject_kind, subject, before, after, reason, effective_on, by, at FROM directory_change
WHERE subject = %(subject)s ORDER BY at DESC, id DESC LIMIT %(limit)s

-- name: changes_listed
-- The history of the whole directory, the latest first, after a place in it.
SELECT id, kind, subject_kind, subject, before, after, reason, effective_on, by, at FROM directory_change
WHERE %(at)s::timestamptz IS NULL OR (at, id) < (%(at)s, %(id)s::uuid) ORDER BY at DESC, id DESC LIMIT %(limit)s

-- name: in_hand_of_unit
-- How many assignments of a unit, or of the instance of that code, are not finished.
SELECT count(*) AS n FROM assignment
WHERE (responsible ->> 'organisation' = %(code)s OR instance = %(code)s) AND stage NOT IN ('approved', 'withdrawn')

-- name: in_hand_seen
-- The same of a unit or an official, as far as the reader may see the cases.
SELECT count(*) AS n FROM assignment
WHERE (responsible ->> 'organisation' = %(code)s OR instance = %(code)s OR responsible ->> 'official' = %(code)s)
  AND stage NOT IN ('approved', 'withdrawn') AND may_see(case_id, %(me)s, %(posts)s)

-- name: bars_touched
-- Cases whose bars rest on one of these units or officials, or from which a post may keep an official who holds them.
SELECT b.case_id FROM case_bar b
WHERE b.organisations ?| %(codes)s OR b.officials ?| %(officials)s OR EXISTS (
    SELECT FROM assignment a WHERE a.case_id = b.case_id AND a.issuer = %(own)s AND a.stage NOT IN ('approved', 'withdrawn')
      AND a.responsible ->> 'official' = ANY(%(officials)s))
ORDER BY b.case_id

-- name: supersede_announcement
-- What was told of a unit before is no longer the last word.
UPDATE announcement SET superseded_at = %(now)s WHERE source = %(source)s AND code = %(code)s AND superseded_at IS NULL

-- name: announcements_open
-- The last word of each instance on each unit, as far as nobody declined it.
SELECT id, source, code, name, name_en, heads, reason, by, at FROM announcement
WHERE superseded_at IS NULL AND declined_at IS NULL ORDER BY at, id

-- name: directory_lock
-- One change of the directory at a time.
SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.directory'))

-- name: units_more
-- What of organisations is routing's alone.
SELECT code, kind, dissolved_on FROM unit

-- name: terms
-- Every term of every post.
SELECT id, official, organisation, title, roles, place, from_on, until_on FROM term
