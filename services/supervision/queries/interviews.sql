-- Accountability interviews. An interview is about misses of several cases: who is barred from one of them sees nothing of it.

-- name: interviews
-- Interviews that the reader may see, those that are to come first.
SELECT i.id, i.person, i.stage, i.called_at, i.place, i.meets_at, i.held_at, i.until, i.cancelled_at, count(s.id) AS misses
FROM interview i JOIN ladder_step s ON s.interview_id = i.id JOIN deadline d ON d.id = s.deadline_id
GROUP BY i.id HAVING bool_and({sight})
ORDER BY i.stage IN ('held', 'cancelled'), coalesce(i.meets_at, i.called_at) DESC, i.id LIMIT %(limit)s OFFSET %(offset)s

-- name: interviews_count
-- How many there are, how many are still to be held, and how many were held in this year: person-times.
SELECT count(*) AS all, count(*) FILTER (WHERE stage IN ('called', 'appointed')) AS open,
       count(*) FILTER (WHERE stage = 'held' AND held_at >= %(year)s) AS held
FROM (
    SELECT i.stage, i.held_at FROM interview i JOIN ladder_step s ON s.interview_id = i.id JOIN deadline d ON d.id = s.deadline_id
    GROUP BY i.id HAVING bool_and({sight})
) seen

-- name: interview_seen
-- Whether the reader may see an interview.
SELECT bool_and({sight}) AS seen FROM ladder_step s JOIN deadline d ON d.id = s.deadline_id WHERE s.interview_id = %(id)s

-- name: interview_for_its_person
-- Whether somebody is called in by this interview, and barred from none of its cases.
SELECT i.person ->> 'official' = %(official)s
       AND (SELECT bool_and(may_see(s.case_id, %(official)s, %(posts)s::text[])) FROM ladder_step s WHERE s.interview_id = i.id) AS seen
FROM interview i WHERE i.id = %(id)s

-- name: misses_of_interview
-- What an interview is about.
SELECT s.id, s.deadline_id, s.case_id, s.document, c.number, c.title, d.obligation, d.round, d.due_at AS missed_due, d.stage, d.ended_at
FROM ladder_step s JOIN deadline d ON d.id = s.deadline_id JOIN supervised_case c ON c.id = s.case_id
WHERE s.interview_id = %(id)s ORDER BY d.due_at, s.id

-- name: interview_of_id
-- One interview.
SELECT * FROM interview WHERE id = %(id)s
