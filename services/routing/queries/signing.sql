-- Keys that replies are signed with. Public halves are read by whoever verifies; sealed ones by their owner's PIN alone.

-- name: signing_keys_of
-- An official's keys of one instance, the oldest first.
SELECT * FROM signing_key WHERE official = %(official)s AND instance = %(instance)s ORDER BY begins, key_id

-- name: signing_keys_of_many
-- Every key of these officials.
SELECT * FROM signing_key WHERE official = ANY(%(officials)s) ORDER BY begins, key_id

-- name: signing_keys
-- Keys by their ids.
SELECT * FROM signing_key WHERE key_id = ANY(%(keys)s::uuid[])

-- name: official_of_key
-- Whose key of this instance it is.
SELECT official FROM signing_key WHERE key_id = %(key)s AND instance = %(own)s

-- name: signing_keys_listed
-- Keys of this instance and of those below, those in force first.
SELECT k.*, o.name, o.active FROM signing_key k LEFT JOIN official o USING (official)
ORDER BY k.ends IS NOT NULL, k.official, k.begins DESC LIMIT %(limit)s

-- name: keep_sealed_key
-- The private half of an official's key, in place of the one before.
INSERT INTO sealed_key (key_id, official, alg, salt, nonce, sealed)
VALUES (%(key_id)s, %(official)s, %(alg)s, %(salt)s, %(nonce)s, %(sealed)s)

-- name: drop_sealed_key
-- The private half goes with the key's end.
DELETE FROM sealed_key WHERE key_id = %(key)s

-- name: lock_sealed_key
-- An official's sealed key and the tries at it, locked.
SELECT key_id, official, alg, salt, nonce, sealed, failures, not_before FROM sealed_key WHERE official = %(official)s FOR UPDATE

-- name: count_pin_tries
-- What is counted of tries at an official's key now.
UPDATE sealed_key SET failures = %(failures)s, not_before = %(not_before)s WHERE official = %(official)s
