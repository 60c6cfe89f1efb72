-- name: place_of_task
-- Which case and round a task belongs to, unless this official must not see the case.
SELECT case_id, round FROM task WHERE id = %(id)s AND may_see(case_id, %(official)s, %(posts)s::text[])

-- name: list
-- One page of tasks as far as this reader may see them; open ones by urgency, others by their answer, latest first.
SELECT t.id, t.case_id, t.round, t.manner, t.stage, t.due_at, t.opened_at, t.settled_at, t.source,
       c.number, c.title, c.channel, c.identity,
       (SELECT count(*) FROM contact_try y WHERE y.task_id = t.id) AS tries
FROM task t JOIN followed_case c ON c.id = t.case_id
WHERE {queue} AND {sight}
ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s

-- name: counts
-- How many tasks there are in each queue, as far as this reader may see them.
SELECT count(*) FILTER (WHERE {overdue}) AS overdue, count(*) FILTER (WHERE {today}) AS today,
       count(*) FILTER (WHERE {open}) AS open, count(*) FILTER (WHERE {done}) AS done
FROM task t JOIN followed_case c ON c.id = t.case_id
WHERE {sight}

-- name: task
-- One task with its case, as far as this reader may see it.
SELECT t.*, c.number, c.title, c.channel, c.identity, c.organisation, c.stage AS case_stage
FROM task t JOIN followed_case c ON c.id = t.case_id
WHERE t.id = %(id)s AND {sight}

-- name: tries
-- The tries of a task, in time order.
SELECT manner, result, by, at FROM contact_try WHERE task_id = %(id)s ORDER BY at, id

-- name: answers
-- What the petitioner answered himself in a round, in time order.
SELECT settled, satisfied, answered_at, counted FROM answer
WHERE case_id = %(case)s AND round = %(round)s ORDER BY answered_at, id

-- name: rounds
-- What came of the case's other rounds.
SELECT id, round, stage, settled_at, source FROM task
WHERE case_id = %(case)s AND round <> %(round)s ORDER BY round

-- name: closing
-- Why and when the case was closed.
SELECT reason, by, closed_at, archived_at FROM closing WHERE case_id = %(case)s
