-- The reception calendar.

-- name: plan_revision
-- How often the plan was saved.
SELECT revision FROM reception_plan

-- name: lock_plan
-- The same, for whoever saves: everybody else waits.
SELECT revision FROM reception_plan FOR UPDATE

-- name: save_plan
-- The plan was saved once more.
UPDATE reception_plan SET revision = revision + 1

-- name: everybody
-- Officials, active or not any more, with their posts: who receives, and what a bar may name.
SELECT official, name, active, posts FROM official ORDER BY official

-- name: taken_places
-- The places of some sessions that are given away.
SELECT session, slot FROM visit WHERE session = ANY(%(sessions)s::uuid[]) AND slot IS NOT NULL AND stage <> 'cancelled'
