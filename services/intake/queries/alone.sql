-- One process at a time.

-- name: take_lock
-- Whether this process is the only one at something now; it stays so until the connection ends.
SELECT pg_try_advisory_lock(hashtext('intake alone'), hashtext(%(name)s))

-- name: give_back_locks
-- Another process may.
SELECT pg_advisory_unlock_all()
