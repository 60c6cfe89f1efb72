-- The duty roster.

-- name: duty_patterns
-- The patterns that reach into a time, by line and beginning.
SELECT id, line, weekdays, slots, officials, turn, begins_on, recorded_by, recorded_at, ends_on, ended_by, ended_at FROM duty_pattern
WHERE ends_on IS NULL OR ends_on >= %(since)s ORDER BY line, begins_on, id

-- name: duty_entries
-- The single entries that reach into a range of time and are not withdrawn.
SELECT id, line, starts_at, ends_at, official, recorded_by, recorded_at, swap_id, withdrawn_by, withdrawn_at FROM duty_entry
WHERE withdrawn_at IS NULL AND ends_at > %(start)s AND starts_at < %(end)s ORDER BY line, starts_at, id

-- name: duty_swaps
-- The latest swaps, with the shifts as they are now.
SELECT s.id, s.first_official, s.second_official, s.reason, s.recorded_by, s.recorded_at, a.line AS first_line, a.starts_at AS first_starts,
       a.ends_at AS first_ends, b.line AS second_line, b.starts_at AS second_starts, b.ends_at AS second_ends
FROM duty_swap s JOIN duty_entry a ON a.id = s.first_entry JOIN duty_entry b ON b.id = s.second_entry
ORDER BY s.recorded_at DESC, s.id LIMIT %(limit)s

-- name: lock_roster
-- Changes of the roster go one after the other: each looks at the whole of it.
SELECT pg_advisory_xact_lock(hashtext('duty roster'))

-- name: names_of_officials
-- Every official that the directory ever named.
SELECT official, name, active, posts->0->>'title' AS post, posts->0->>'organisation' AS organisation FROM official ORDER BY official
