-- name: database_now
-- The clock that deadlines fire by: the database's, or the simulated one.
SELECT platform.now() AS now

-- name: claim_missed
-- Deadlines that have fallen due, marked missed. The case's row is taken first, as everywhere, and nobody is waited for:
-- what another scheduler or a handler holds is left to it, or comes up again in the next round.
WITH claimed AS MATERIALIZED (
    SELECT d.id FROM deadline d JOIN supervised_case c ON c.id = d.case_id
    WHERE d.obligation <> 'objection' AND d.stage IN ('pending', 'approaching') AND d.due_at <= %(now)s
    ORDER BY d.due_at LIMIT %(limit)s
    FOR UPDATE OF c, d SKIP LOCKED
)
UPDATE deadline d SET stage = 'missed', missed_at = %(now)s, warn_at = NULL
FROM claimed WHERE d.id = claimed.id AND d.stage IN ('pending', 'approaching')
RETURNING {columns}

-- name: claim_lapsed
-- Rights whose time is over, ended; as above.
WITH claimed AS MATERIALIZED (
    SELECT d.id FROM deadline d JOIN supervised_case c ON c.id = d.case_id
    WHERE d.obligation = 'objection' AND d.stage IN ('pending', 'approaching') AND d.due_at <= %(now)s
    ORDER BY d.due_at LIMIT %(limit)s
    FOR UPDATE OF c, d SKIP LOCKED
)
UPDATE deadline d SET stage = 'withdrawn', ended_at = d.due_at, reason = 'lapsed', warn_at = NULL
FROM claimed WHERE d.id = claimed.id AND d.stage IN ('pending', 'approaching')
RETURNING {columns}

-- name: claim_warnings
-- Running deadlines of which the next share of the time has passed.
SELECT {columns} FROM deadline d JOIN supervised_case c ON c.id = d.case_id
WHERE d.stage IN ('pending', 'approaching') AND d.warn_at <= %(now)s AND d.due_at > %(now)s
ORDER BY d.warn_at LIMIT %(limit)s
FOR UPDATE OF c, d SKIP LOCKED

-- name: mark_warned
-- What was told of a set of running deadlines.
UPDATE deadline d SET stage = v.stage, warned = v.warned, warn_at = v.warn_at::timestamptz
FROM (VALUES %s) AS v (id, stage, warned, warn_at) WHERE d.id = v.id

-- name: queue
-- One page of what is owed, the most urgent first, as far as this reader may see it.
SELECT d.id, d.case_id, c.number, c.title, c.confidential, c.case_class, d.obligation, d.round, d.responsible, d.organisation,
       o.name AS unit_name, o.name_en AS unit_name_en, d.due_at, d.started_at, d.stage, d.warned,
       coalesce(d.due_at = d.wanted_by + d.moved_by, false) AS by_instruction
FROM deadline d JOIN supervised_case c ON c.id = d.case_id LEFT JOIN organisation o ON o.code = d.organisation
WHERE {sight} AND {queue} AND (%(unit)s::text IS NULL OR d.organisation = %(unit)s)
ORDER BY d.due_at, d.id LIMIT %(limit)s OFFSET %(offset)s

-- name: counts
-- How many there are in each queue, as far as this reader may see them.
SELECT count(*) FILTER (WHERE {overdue}) AS overdue, count(*) FILTER (WHERE {today}) AS today,
       count(*) FILTER (WHERE {approaching}) AS approaching, count(*) AS open
FROM deadline d
WHERE {sight} AND (%(unit)s::text IS NULL OR d.organisation = %(unit)s)

-- name: units
-- The units that owe something, for the filter.
SELECT d.organisation AS code, max(o.name) AS name, max(o.name_en) AS name_en
FROM deadline d LEFT JOIN organisation o ON o.code = d.organisation
WHERE {sight}
GROUP BY d.organisation ORDER BY d.organisation

-- name: is_above
-- Whether an organisation lies above ours.
WITH RECURSIVE above (code) AS (
    SELECT superior FROM organisation WHERE code = %(own)s
    UNION SELECT o.superior FROM organisation o JOIN above a ON o.code = a.code
)
SELECT EXISTS (SELECT FROM above WHERE code = %(org)s) AS above
