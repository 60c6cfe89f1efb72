-- The assignment protocol: what waits for a decision, who asked for what, and which posts have changed hands.

-- name: objection_limit
-- By when an assignment may be objected to, as supervision said; no row where it set no limit.
SELECT due_at FROM deadline WHERE assignment_id = %(assignment)s AND obligation = 'objection' ORDER BY due_at DESC LIMIT 1

-- name: conclusion_missed
-- Whether the limit of a case's conclusion (of an assignment's reply, where that is all that is known) has been missed.
SELECT EXISTS (
    SELECT FROM deadline WHERE case_id = %(case)s AND standing = 'missed'
      AND (obligation = 'conclude' OR (obligation = 'reply' AND assignment_id = %(assignment)s))
) AS missed

-- name: case_of_extension
-- Which case and assignment a request for more time belongs to, read without a lock.
SELECT case_id, assignment_id FROM extension WHERE id = %(id)s

-- name: objections_waiting
-- Objections that wait for the issuer's decision, oldest first, and whether each was made in time.
SELECT a.id, a.case_id, a.part, a.round, a.responsible, a.objected_at, c.number, c.title, c.confidential, n.text,
       NOT coalesce(a.objected_at >= (SELECT max(d.due_at) FROM deadline d WHERE d.assignment_id = a.id AND d.obligation = 'objection'), false)
       AS in_time
FROM assignment a JOIN case_record c ON c.id = a.case_id
LEFT JOIN LATERAL (SELECT text FROM note WHERE assignment_id = a.id AND kind = 'objection' ORDER BY at DESC LIMIT 1) n ON true
WHERE a.objected_at IS NOT NULL AND a.objection_decided_at IS NULL AND a.stage IN ('received', 'objected', 'progressed')
  AND a.issuer = %(own)s AND a.parent IS NULL AND may_see(a.case_id, %(me)s, %(posts)s)
ORDER BY a.objected_at, a.id LIMIT %(limit)s

-- name: nobody_responsible
-- Cases of which an objection was upheld in this round and that nobody is responsible for since: a further instruction is owed.
SELECT c.id, c.number, c.title, c.confidential, c.round, max(u.withdrawn_at) AS since
FROM assignment u JOIN case_record c ON c.id = u.case_id
WHERE u.withdrawn_reason = 'objection_upheld' AND u.round = c.round AND u.parent IS NULL
  AND c.stage IN ('instructed', 'in_hand') AND c.origin = %(own)s AND may_see(c.id, %(me)s, %(posts)s)
  AND NOT EXISTS (
    SELECT FROM assignment a WHERE a.case_id = c.id AND a.parent IS NULL AND a.part <> 'joint' AND a.stage <> 'withdrawn')
GROUP BY c.id ORDER BY since, c.id LIMIT %(limit)s

-- name: extensions_asked
-- Requests for more time that wait for the first-in-command, oldest first.
SELECT e.id, e.case_id, e.assignment_id, e.days, e.reasons, e.asked_by, e.asked_at, c.number, c.title, c.confidential,
       (SELECT min(due_at) FROM deadline d WHERE d.case_id = e.case_id AND d.obligation = 'conclude'
        AND d.standing IN ('set', 'approaching', 'missed')) AS due_at
FROM extension e JOIN assignment a ON a.id = e.assignment_id JOIN case_record c ON c.id = e.case_id
WHERE e.stage = 'asked' AND a.issuer = %(own)s AND c.stage IN ('instructed', 'in_hand') AND may_see(e.case_id, %(me)s, %(posts)s)
ORDER BY e.asked_at, e.id LIMIT %(limit)s

-- name: extensions_of_case
-- Every request for more time in a case, and what was decided.
SELECT * FROM extension WHERE case_id = %(case)s ORDER BY coalesce(asked_at, decided_at), id

-- name: pauses_of_case
-- When the clocks of a case stood still.
SELECT * FROM pause WHERE case_id = %(case)s ORDER BY paused_at, id

-- name: handovers_of_case
-- Who handed what over to whom in a case.
SELECT * FROM handover WHERE case_id = %(case)s ORDER BY at, id

-- name: vacated
-- Open assignments worked on here whose person responsible no longer holds the post in which he is it.
SELECT a.id, a.case_id, a.part, a.round, a.stage, a.responsible, a.issued_at, c.number, c.confidential,
       words_for(c.title, c.id, %(me)s, %(own)s, %(at)s) AS title
FROM assignment a JOIN case_record c ON c.id = a.case_id LEFT JOIN official o ON o.official = a.responsible ->> 'official'
WHERE a.instance = %(own)s AND a.stage IN ('issued', 'received', 'objected', 'progressed', 'replied', 'returned')
  AND may_see(a.case_id, %(me)s, %(posts)s)
  AND (o.official IS NULL OR NOT o.active OR NOT o.posts @> jsonb_build_array(
      jsonb_build_object('organisation', a.responsible ->> 'organisation', 'title', a.responsible ->> 'post')))
ORDER BY a.issued_at, a.id LIMIT %(limit)s

-- name: held_by_others
-- Open assignments worked on here that somebody else is responsible for in one of these posts of mine, by case.
SELECT a.id FROM assignment a
JOIN jsonb_to_recordset(%(held)s) AS p (organisation text, title text)
  ON p.organisation = a.responsible ->> 'organisation' AND p.title = a.responsible ->> 'post'
WHERE a.instance = %(own)s AND a.stage IN ('issued', 'received', 'objected', 'progressed', 'replied', 'returned')
  AND a.responsible ->> 'official' <> %(me)s
ORDER BY a.case_id, a.id

-- name: move_mirrored
-- What an assignment owes, and the case where its former person responsible answered for it, is owed by another one.
UPDATE deadline SET responsible = %(to)s
WHERE case_id = %(case)s AND responsible ->> 'official' = %(former)s
  AND (assignment_id = %(assignment)s OR assignment_id IS NULL) AND standing NOT IN ('met', 'withdrawn')
