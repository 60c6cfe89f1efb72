-- name: case_on_paper
-- The case of a number, as an official reads it on paper.
SELECT id FROM supervised_case WHERE number = %(number)s ORDER BY first_dispatched_at LIMIT 1

-- name: case_explained
-- What a case is called.
SELECT id, number, title, case_class FROM supervised_case WHERE id = %(case)s

-- name: deadlines_of_case
-- Everything that was ever owed in a case, as far as this reader may see it: what runs first.
SELECT {columns} FROM deadline d WHERE d.case_id = %(case)s AND {sight}
ORDER BY d.stage NOT IN ('pending', 'approaching', 'paused', 'missed'), d.due_at, d.id

-- name: told_of_clocks
-- What was told of a case's limits being moved or stopped, in order: the log is the history.
SELECT name, draft FROM event_log WHERE subject = %(case)s AND name IN ('deadline.moved', 'deadline.paused') ORDER BY id
