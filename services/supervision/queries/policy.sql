-- name: policy_in_force
-- The version that new cases begin under.
SELECT p.id, p.document, f.since FROM policy_in_force f JOIN policy p ON p.id = f.policy ORDER BY f.number DESC LIMIT 1

-- name: policy_of_id
-- One version of a policy.
SELECT document FROM policy WHERE id = %(id)s

-- name: record_policy
-- A new version; nothing when it is known already.
INSERT INTO policy (id, document, recorded_at) VALUES (%(id)s, %(document)s, %(now)s) ON CONFLICT DO NOTHING

-- name: put_in_force
-- From now on new cases begin under this version, unless they do so already.
INSERT INTO policy_in_force (policy, since)
SELECT %(id)s, %(now)s
WHERE %(id)s IS DISTINCT FROM (SELECT policy FROM policy_in_force ORDER BY number DESC LIMIT 1)

-- name: lock_policies
-- One at a time: two workers that start together adopt a policy once.
SELECT pg_advisory_xact_lock(hashtext('supervision.policy'))
