-- Second factors, and the steps between a password and a session.

-- name: remove_factor
-- Take a second factor away, with its recovery codes.
DELETE FROM totp WHERE official = %(official)s

-- name: has_factor
-- Whether a second factor is in force.
SELECT EXISTS (SELECT FROM totp WHERE official = %(official)s AND confirmed_at IS NOT NULL) AS found

-- name: forget_codes
-- Older recovery codes are not good any more.
DELETE FROM recovery_code WHERE official = %(official)s

-- name: add_codes
-- New recovery codes.
INSERT INTO recovery_code (official, code_hash) VALUES %s

-- name: use_code
-- Use a recovery code up; no row when there is none or it was used.
UPDATE recovery_code SET used_at = %(now)s WHERE official = %(official)s AND code_hash = %(hash)s AND used_at IS NULL RETURNING code_hash

-- name: codes_left
-- How many recovery codes are left.
SELECT count(*) AS n FROM recovery_code WHERE official = %(official)s AND used_at IS NULL

-- name: add_step
-- A right password waits for its code.
INSERT INTO sign_in_step (token_hash, official, expires_at) VALUES (%(hash)s, %(official)s, %(expires)s)

-- name: step
-- Whose password it was; no row when the step is unknown, used or too old.
SELECT official FROM sign_in_step WHERE token_hash = %(hash)s AND expires_at > %(now)s

-- name: end_step
-- The step is over; old ones go with it.
DELETE FROM sign_in_step WHERE token_hash = %(hash)s OR expires_at <= %(now)s

-- name: add_notice
-- Tell an official when he signs in next.
INSERT INTO account_notice (id, official, kind, by, at) VALUES (%(id)s, %(official)s, %(kind)s, %(by)s, %(now)s)

-- name: take_notices
-- What he has not been told yet; from now on he has.
UPDATE account_notice SET seen_at = %(now)s WHERE official = %(official)s AND seen_at IS NULL RETURNING kind, by, at
