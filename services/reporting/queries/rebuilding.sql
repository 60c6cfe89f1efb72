-- The archive, read again.

-- name: received_after
-- The next events of the archive, in the order in which they took effect.
SELECT id, stream, body FROM received
WHERE id > %(after)s AND (%(up_to)s::bigint IS NULL OR id <= %(up_to)s) ORDER BY id LIMIT %(limit)s
