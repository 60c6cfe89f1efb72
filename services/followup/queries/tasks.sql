-- name: place_of_task
-- Which case and round a task belongs to, unless this official must not see the case.
SELECT case_id, round FROM task WHERE id = %(id)s AND may_see(case_id, %(official)s, %(posts)s::text[])
   AND NOT has_handled(case_id, %(official)s, %(posts)s::text[])

-- name: handlers_of_case
-- The officials who were responsible for a case.
SELECT DISTINCT official FROM handling WHERE case_id = %(case)s

-- name: last_task_of_case
-- The latest round that was asked about, unless this official must not see the case.
SELECT max(round) AS round FROM task WHERE case_id = %(case)s AND may_see(case_id, %(official)s, %(posts)s::text[])
   AND NOT has_handled(case_id, %(official)s, %(posts)s::text[])
HAVING max(round) IS NOT NULL

-- name: last_round_of_case
-- The latest round that was asked about.
SELECT max(round) AS round FROM task WHERE case_id = %(case)s

-- name: who_answered_case
-- The officials who concluded a case, in whichever round.
SELECT DISTINCT concluded_by ->> 'official' AS official FROM task WHERE case_id = %(case)s

-- name: list
-- One page of tasks as far as this reader may see them; open ones by urgency, others by their answer, latest first.
SELECT t.id, t.case_id, t.round, t.manner, t.stage, t.due_at, t.opened_at, t.settled_at, t.source,
       c.number, c.title, c.channel, c.identity,
       (SELECT count(*) FROM contact_try y WHERE y.task_id = t.id) AS tries
FROM task t JOIN followed_case c ON c.id = t.case_id
WHERE {queue} AND {sight}
ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s

-- name: counts
-- How many tasks there are in each queue that waits for somebody, as far as this reader may see them. Each has an index of its own;
-- those that have their result are never counted, for they grow for ever.
SELECT (SELECT count(*) FROM task t JOIN followed_case c ON c.id = t.case_id WHERE {overdue} AND {sight}) AS overdue,
       (SELECT count(*) FROM task t JOIN followed_case c ON c.id = t.case_id WHERE {today} AND {sight}) AS today,
       (SELECT count(*) FROM task t JOIN followed_case c ON c.id = t.case_id WHERE {open} AND {sight}) AS open,
       (SELECT count(*) FROM task t JOIN followed_case c ON c.id = t.case_id WHERE {unreachable} AND {sight}) AS unreachable,
       (SELECT count(*) FROM task t JOIN followed_case c ON c.id = t.case_id WHERE {recheck} AND {sight}) AS recheck

-- name: waiting
-- The same of one queue: the badge that stands on every page.
SELECT count(*) AS n FROM task t JOIN followed_case c ON c.id = t.case_id WHERE {queue} AND {sight}

-- name: task
-- One task with its case, as far as this reader may see it.
SELECT t.*, c.number, c.title, c.channel, c.identity, c.organisation, c.stage AS case_stage, c.policy, c.charge_proposed_at, c.came_back,
       (SELECT leader FROM carried_case k WHERE k.case_id = c.id AND k.ended_at IS NULL) AS carried_by
FROM task t JOIN followed_case c ON c.id = t.case_id
WHERE t.id = %(id)s AND {sight}

-- name: tries
-- The tries of a task, in time order.
SELECT manner, result, by, at, note, answers, corrects FROM contact_try WHERE task_id = %(id)s ORDER BY at, id

-- name: answers
-- What the petitioner answered himself in a round, in time order.
SELECT settled, satisfied, answered_at, counted, medium, answers, corrects FROM answer
WHERE case_id = %(case)s AND round = %(round)s ORDER BY answered_at, id

-- name: rounds
-- What came of the case's other rounds.
SELECT id, round, stage, settled_at, source FROM task
WHERE case_id = %(case)s AND round <> %(round)s ORDER BY round

-- name: closing
-- Why and when the case was closed, for the last time.
SELECT reason, by, closed_at, archived_at, authority, reasons FROM closing WHERE case_id = %(case)s ORDER BY number DESC LIMIT 1

-- name: checks
-- What the supervision office found when it asked again.
SELECT manner, recorded, found, differs, note, by, at FROM answer_check WHERE task_id = %(id)s ORDER BY at, id
