-- What the ladder of missed deadlines asks. Every list asks may_see: who is barred sees no step of the case.

-- name: claim_unladdered
-- Misses that no ladder was begun for yet, marked. The case's row is taken first, as everywhere, and nobody is waited for.
WITH claimed AS MATERIALIZED (
    SELECT d.id FROM deadline d JOIN supervised_case c ON c.id = d.case_id JOIN policy p ON p.id = d.policy
    WHERE d.stage = 'missed' AND NOT d.laddered
    ORDER BY d.due_at LIMIT %(limit)s
    FOR UPDATE OF c, d SKIP LOCKED
)
UPDATE deadline d SET laddered = true FROM claimed WHERE d.id = claimed.id AND d.stage = 'missed'
RETURNING {columns}

-- name: claim_by_itself
-- Ladders whose next step the system takes by itself and that is due; `reachable` says that whom it is sent to may see the case.
SELECT l.id, l.case_id, d.responsible IS NOT NULL AND may_see(l.case_id, d.responsible ->> 'official', ARRAY[d.organisation]) AS reachable
FROM ladder l JOIN supervised_case c ON c.id = l.case_id JOIN deadline d ON d.id = l.id
WHERE l.next_step = 'reminder' AND l.next_due <= %(now)s
ORDER BY l.next_due LIMIT %(limit)s
FOR UPDATE OF c, l SKIP LOCKED

-- name: next_numbers
-- The last of so many new numbers of a kind of document in a year.
INSERT INTO document_number (mark, year, last) VALUES (%(mark)s, %(year)s, %(count)s)
ON CONFLICT (mark, year) DO UPDATE SET last = document_number.last + excluded.last
RETURNING last

-- name: annulled_of
-- Which steps of these deadlines were annulled.
SELECT a.id FROM ladder_annulment a JOIN ladder_step s ON s.id = a.id WHERE s.deadline_id = ANY(%(deadlines)s::uuid[])

-- name: instances_of
-- For each organisation the instance that its officials work in.
WITH RECURSIVE up AS (
    SELECT code AS asked, code, superior, has_instance, 0 AS depth FROM organisation WHERE code = ANY(%(codes)s)
    UNION ALL
    SELECT up.asked, o.code, o.superior, o.has_instance, up.depth + 1
    FROM up JOIN organisation o ON o.code = up.superior WHERE NOT up.has_instance AND up.depth < 9
)
SELECT asked, code FROM up WHERE has_instance

-- name: cases_of_deadlines
-- The cases of these deadlines as far as the reader may see them, for their locks are taken first.
SELECT d.id, d.case_id FROM deadline d WHERE d.id = ANY(%(ids)s::uuid[]) AND {sight}

-- name: unreachable
-- Which of these deadlines lie with somebody who may not see the case.
SELECT d.id FROM deadline d
WHERE d.id = ANY(%(ids)s::uuid[]) AND NOT may_see(d.case_id, d.responsible ->> 'official', ARRAY[d.organisation])

-- name: step_and_case
-- The deadline and case of a step, as far as the reader may see it.
SELECT s.id, s.deadline_id, s.case_id FROM ladder_step s JOIN deadline d ON d.id = s.deadline_id WHERE s.id = %(id)s AND {sight}

-- name: ladder_due
-- The work list of a step: what is missed still, whose turn this step is, and since when. Without `now` what comes later too.
SELECT l.id, l.case_id, c.number, c.title, l.obligation, l.round, d.responsible, d.organisation, d.due_at AS missed_due, d.stage,
       l.urgent, l.next_step, l.next_due, o.name AS unit_name, o.name_en AS unit_name_en,
       (SELECT count(*) FROM ladder_step s WHERE s.deadline_id = l.id AND NOT EXISTS (SELECT FROM ladder_annulment a WHERE a.id = s.id)) AS steps
FROM ladder l JOIN deadline d ON d.id = l.id JOIN supervised_case c ON c.id = l.case_id
LEFT JOIN organisation o ON o.code = d.organisation
WHERE l.next_step = %(step)s AND d.stage = 'missed' AND (l.next_due <= %(now)s) = %(due)s AND {sight}
ORDER BY l.next_due, d.responsible ->> 'official', l.id LIMIT %(limit)s OFFSET %(offset)s

-- name: ladder_counts
-- How many wait for each step, and how many will.
SELECT l.next_step AS step, count(*) FILTER (WHERE l.next_due <= %(now)s) AS due, count(*) FILTER (WHERE l.next_due > %(now)s) AS later
FROM ladder l JOIN deadline d ON d.id = l.id
WHERE l.next_step IS NOT NULL AND d.stage = 'missed' AND {sight}
GROUP BY l.next_step

-- name: ladder_in_vain
-- Steps taken for what turned out to have been done in time, or to be owed by another limit; not annulled yet.
SELECT s.id, s.case_id, c.number, c.title, s.step, s.document, s.taken_at, s.responsible, d.organisation, d.obligation, d.due_at AS missed_due,
       o.name AS unit_name, o.name_en AS unit_name_en
FROM ladder_step s JOIN deadline d ON d.id = s.deadline_id JOIN supervised_case c ON c.id = s.case_id
LEFT JOIN organisation o ON o.code = d.organisation
WHERE d.missed_at IS NOT NULL AND (d.stage = 'met' OR (d.stage = 'withdrawn' AND d.reason = 'moved')) AND {sight}
  AND NOT EXISTS (SELECT FROM ladder_annulment a WHERE a.id = s.id)
ORDER BY s.taken_at, s.id LIMIT %(limit)s

-- name: ladder_of_case
-- Every ladder of a case.
SELECT l.*, d.responsible, d.organisation, d.stage, d.ended_at, d.missed_at FROM ladder l JOIN deadline d ON d.id = l.id
WHERE l.case_id = %(case)s AND {sight} ORDER BY l.missed_due, l.id

-- name: steps_of_case
-- Every step of a case, with its annulment and when whom it was sent to opened it.
SELECT s.*, d.obligation, d.round, a.reasons AS annulled_for, a.by AS annulled_by, a.at AS annulled_at, i.stage AS interview_stage,
       (SELECT min(w.at) FROM ladder_seen w WHERE w.step_id = s.id AND w.official = s.responsible ->> 'official') AS seen_at
FROM ladder_step s JOIN deadline d ON d.id = s.deadline_id LEFT JOIN ladder_annulment a ON a.id = s.id
LEFT JOIN interview i ON i.id = s.interview_id
WHERE s.case_id = %(case)s AND {sight} ORDER BY s.taken_at, s.id

-- name: step_of_id
-- One step with its case, for its print: for those who may see the case in their scope, and for whom it was sent to.
SELECT s.*, d.obligation, d.round, d.due_at AS missed_due, d.organisation, c.number, c.title, c.first_dispatched_at,
       o.name AS unit_name, o.name_en AS unit_name_en, a.at AS annulled_at
FROM ladder_step s JOIN deadline d ON d.id = s.deadline_id JOIN supervised_case c ON c.id = s.case_id
LEFT JOIN organisation o ON o.code = s.responsible ->> 'organisation' LEFT JOIN ladder_annulment a ON a.id = s.id
WHERE s.id = %(id)s AND ({sight} OR (s.responsible ->> 'official' = %(official)s AND may_see(s.case_id, %(official)s, %(posts)s::text[])))

-- name: case_named
-- A case as lists name it, as far as the reader may see it.
SELECT c.id, c.number, c.title, c.case_class, c.policy, c.closed_at FROM supervised_case c
WHERE c.id = %(case)s AND EXISTS (SELECT FROM deadline d WHERE d.case_id = c.id AND {sight})

-- name: documents
-- What was issued of a kind, the latest first.
SELECT s.id, s.case_id, c.number, c.title, s.step, s.document, s.taken_at, s.until, s.responsible, s.by, d.organisation, d.stage, a.at AS annulled_at,
       o.name AS unit_name, o.name_en AS unit_name_en,
       (SELECT min(w.at) FROM ladder_seen w WHERE w.step_id = s.id AND w.official = s.responsible ->> 'official') AS seen_at
FROM ladder_step s JOIN deadline d ON d.id = s.deadline_id JOIN supervised_case c ON c.id = s.case_id
LEFT JOIN organisation o ON o.code = d.organisation LEFT JOIN ladder_annulment a ON a.id = s.id
WHERE s.step = %(step)s AND {sight} ORDER BY s.taken_at DESC, s.id DESC LIMIT %(limit)s OFFSET %(offset)s

-- name: documents_count
-- How many of a kind were issued.
SELECT count(*) AS n FROM ladder_step s JOIN deadline d ON d.id = s.deadline_id WHERE s.step = %(step)s AND {sight}

-- name: received_of_id
-- The same of a step that a superior sent to the reader.
SELECT r.*, NULL AS round, NULL AS missed_due, r.responsible ->> 'organisation' AS organisation, c.number, c.title, c.first_dispatched_at,
       o.name AS unit_name, o.name_en AS unit_name_en, '' AS reasons, r.ended_at AS annulled_at
FROM ladder_received r LEFT JOIN supervised_case c ON c.id = r.case_id LEFT JOIN organisation o ON o.code = r.responsible ->> 'organisation'
WHERE r.id = %(id)s AND r.responsible ->> 'official' = %(official)s AND may_see(r.case_id, %(official)s, %(posts)s::text[])

-- name: steps_before
-- What was done about the same miss before a step, and counts.
SELECT s.step, s.document, s.taken_at FROM ladder_step s JOIN ladder_step this ON this.deadline_id = s.deadline_id AND this.id = %(id)s
WHERE s.id <> this.id AND s.taken_at <= this.taken_at AND NOT EXISTS (SELECT FROM ladder_annulment a WHERE a.id = s.id)
ORDER BY s.taken_at, s.id
