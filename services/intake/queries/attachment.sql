-- Files of petitions.

-- name: files_wanted
-- While this transaction lasts the sweep takes no file away: what is written now has no row yet.
SELECT pg_advisory_xact_lock_shared(hashtext('intake files'))

-- name: files_swept
-- Wait until nobody writes files, and hold up whoever begins to.
SELECT pg_advisory_xact_lock(hashtext('intake files'))

-- name: files_without_row
-- Those of some names in the store that no row knows.
SELECT stored FROM unnest(%(names)s::text[]) AS stored WHERE NOT EXISTS (SELECT FROM attachment a WHERE a.stored = stored.stored)

-- name: attachments_of_case
-- A case's files, in order.
SELECT * FROM attachment WHERE case_id = %(case_id)s ORDER BY position, id

-- name: attachment
-- One file of a case, on its list or taken off.
SELECT * FROM attachment WHERE id = %(id)s AND case_id = %(case_id)s

-- name: count_attachments
-- How many files a case has on its list.
SELECT count(*) AS found FROM attachment WHERE case_id = %(case_id)s AND removed_at IS NULL

-- name: attachments_to_scan
-- Files whose turn at the scanner has come, those that waited longest first.
SELECT a.id, a.case_id, a.stored, s.data_key FROM attachment a JOIN sealed s ON s.case_id = a.case_id
WHERE a.scan_at <= %(now)s AND s.data_key <> '' ORDER BY a.scan_at, a.position LIMIT %(limit)s

-- name: attachments_after
-- The next rows in the order of their ids, with what opens their files; none of petitions whose key was destroyed.
SELECT a.id, a.case_id, a.stored, a.size, p.number, s.data_key
FROM attachment a JOIN petition p ON p.id = a.case_id JOIN sealed s ON s.case_id = a.case_id
WHERE a.id > %(after)s AND s.data_key <> '' ORDER BY a.id LIMIT %(limit)s

-- name: attachment_by_id
-- Whose a file is.
SELECT case_id FROM attachment WHERE id = %(id)s

-- name: locked_attachments
-- Files in which a virus was found, the latest first; none of petitions whose key was destroyed.
SELECT a.id, p.number, a.position, a.finding, a.added_at FROM attachment a JOIN petition p ON p.id = a.case_id
JOIN sealed s ON s.case_id = a.case_id WHERE a.scan = 'infected' AND s.data_key <> '' ORDER BY a.added_at DESC, a.id
