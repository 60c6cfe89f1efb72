-- name: calendar
-- The days that differ from Monday to Friday, and what they are called after.
SELECT day, kind = 'working' AS working, name FROM calendar_day

-- name: coverage
-- From when until when the calendar is known.
SELECT first, last FROM calendar_coverage

-- name: lock_calendar
-- One change at a time: each rests on what the one before it left.
SELECT last FROM calendar_coverage FOR UPDATE

-- name: calendar_changes
-- Every change in the order in which they were made.
SELECT id, changed_at, changed_by, reason, entries, was_last, last FROM calendar_change ORDER BY number

-- name: enter_days
-- Days as they were entered.
INSERT INTO calendar_day (day, kind, name) VALUES %s ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, name = excluded.name

-- name: clear_days
-- Entries that were taken back: these days are as any other again.
DELETE FROM calendar_day WHERE day = ANY(%(days)s)

-- name: reach
-- How far the calendar is known.
UPDATE calendar_coverage SET last = %(last)s

-- name: beyond_calendar
-- What could not be counted because the calendar did not reach that far, and waits among the parked events.
SELECT count(*) AS n FROM parked WHERE dismissed_at IS NULL AND error LIKE 'CalendarEnds:%%'

-- name: count_again
-- Try what waits for the calendar again, now that it reaches further.
UPDATE parked SET next_attempt_at = now(), reason = 'failed' WHERE dismissed_at IS NULL AND error LIKE 'CalendarEnds:%%'

-- name: counted_deadlines
-- What runs or stands still under rules that count working days, as far as this reader may see it.
SELECT {columns}, c.number, c.title, o.name AS unit_name, o.name_en AS unit_name_en
FROM deadline d JOIN supervised_case c ON c.id = d.case_id LEFT JOIN organisation o ON o.code = d.organisation
WHERE d.stage IN ('pending', 'approaching', 'paused') AND {sight} AND (d.policy, d.rule) IN (
    SELECT p.id, r ->> 'rule' FROM policy p, jsonb_array_elements(p.document -> 'rules') r WHERE r ? 'working_days'
)
ORDER BY d.due_at, d.id LIMIT %(limit)s
