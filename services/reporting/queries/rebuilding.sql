-- The archive, read again.

-- name: received_after
-- The next events of the archive, in the order in which they took effect.
SELECT id, stream, body FROM received
WHERE id > %(after)s AND (%(up_to)s::bigint IS NULL OR id <= %(up_to)s) ORDER BY id LIMIT %(limit)s

-- name: archive_by_case
-- The events of some names up to a row of the archive, case by case, each case's in the order in which they took effect.
SELECT subject, stream, body FROM received WHERE id <= %(up_to)s AND name = ANY(%(names)s) ORDER BY subject, id
