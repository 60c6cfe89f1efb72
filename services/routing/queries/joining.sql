-- name: join
-- Note a subordinate; again, what has changed of it.
INSERT INTO platform.subordinate AS s (org, services, broker) VALUES (%(org)s, %(services)s, %(broker)s)
ON CONFLICT (org) DO UPDATE SET services = excluded.services, broker = excluded.broker;

-- name: joined
-- The subordinates that were joined by command.
SELECT org, services, broker, joined_at FROM platform.subordinate ORDER BY org;

-- name: leave
-- A subordinate that is none any more, with what is noted of its streams; what was received of it stays.
WITH gone AS (DELETE FROM platform.subordinate WHERE org = %(org)s),
    told AS (DELETE FROM platform.outgoing WHERE peer = %(org)s),
    reached AS (DELETE FROM platform.reach WHERE peer = %(org)s),
    held AS (DELETE FROM platform.held WHERE starts_with(stream, '/' || %(org)s || '/'))
DELETE FROM platform.peer WHERE org = %(org)s;

-- name: open_below
-- How many assignments that we handed to an instance are not done.
SELECT count(*) AS open FROM assignment WHERE instance = %(org)s AND stage = ANY(%(open)s);
