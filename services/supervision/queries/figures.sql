-- name: owed_by_unit
-- How many cases each unit owes something in, and how many of the limits are over; without a unit, of all together.
SELECT organisation AS unit, count(DISTINCT case_id) AS cases,
       count(*) FILTER (WHERE stage <> 'paused' AND due_at <= %(now)s) AS overdue
FROM deadline
WHERE stage IN ('pending', 'approaching', 'paused', 'missed') AND obligation <> 'objection'
GROUP BY GROUPING SETS ((organisation), ())

-- name: unfired
-- For how many seconds a deadline has been due, or set after it was due, that nobody was told of.
SELECT coalesce(extract(epoch FROM %(now)s - min(greatest(due_at, set_at))), 0) AS age FROM deadline
WHERE stage IN ('pending', 'approaching') AND obligation <> 'objection' AND due_at <= %(now)s
