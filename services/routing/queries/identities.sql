-- Identities of the county's provider.

-- name: add_flow
-- A sign-in that is under way at the provider.
INSERT INTO oidc_flow (state_hash, nonce, verifier, next, official, expires_at)
VALUES (%(hash)s, %(nonce)s, %(verifier)s, %(next)s, %(official)s, %(expires)s)

-- name: take_flow
-- What was asked under a state; it is good once.
DELETE FROM oidc_flow WHERE state_hash = %(hash)s RETURNING nonce, verifier, next, official, expires_at

-- name: forget_flows
-- Sign-ins that nobody came back from.
DELETE FROM oidc_flow WHERE expires_at <= %(now)s

-- name: official_of_identity
-- Whose identity it is.
UPDATE oidc_subject SET used_at = %(now)s WHERE issuer = %(issuer)s AND subject = %(subject)s RETURNING official

-- name: identity_of
-- The identity that is linked to an official.
SELECT issuer, subject, linked_at, linked_by, used_at FROM oidc_subject WHERE issuer = %(issuer)s AND official = %(official)s

-- name: note_stranger
-- An identity that is nobody's here came.
INSERT INTO oidc_stranger (id, issuer, subject, name, first_at, last_at)
VALUES (%(id)s, %(issuer)s, %(subject)s, %(name)s, %(now)s, %(now)s)
ON CONFLICT (issuer, subject) DO UPDATE SET name = excluded.name, last_at = excluded.last_at

-- name: forget_strangers
-- Strangers who have not come for long.
DELETE FROM oidc_stranger WHERE last_at < %(old)s

-- name: strangers
-- Who came and is nobody here, the latest first.
SELECT id, issuer, subject, name, first_at, last_at FROM oidc_stranger ORDER BY last_at DESC, id LIMIT %(limit)s

-- name: stranger
-- One of them.
SELECT issuer, subject, name FROM oidc_stranger WHERE id = %(id)s

-- name: link_identity
-- From now on the identity is this official's; no row when it, or the official, is linked already.
INSERT INTO oidc_subject (issuer, subject, official, linked_at, linked_by)
VALUES (%(issuer)s, %(subject)s, %(official)s, %(now)s, %(by)s) ON CONFLICT DO NOTHING RETURNING official

-- name: forget_stranger
-- He is somebody now.
DELETE FROM oidc_stranger WHERE issuer = %(issuer)s AND subject = %(subject)s

-- name: unlink_identity
-- The identity is nobody's any more.
DELETE FROM oidc_subject WHERE issuer = %(issuer)s AND official = %(official)s RETURNING subject
