-- An official's own view: what he owes, and what was sent to him. A case that he is barred from is in neither.

-- name: owed_by
-- What somebody owes, the most urgent first.
SELECT d.id, d.case_id, c.number, c.title, d.obligation, d.round, d.due_at, d.started_at, d.stage, d.warned, a.assignment_id AS assignment
FROM deadline d JOIN supervised_case c ON c.id = d.case_id
LEFT JOIN LATERAL (
    SELECT o.assignment_id FROM deadline o
    WHERE o.case_id = d.case_id AND o.assignment_id IS NOT NULL AND o.responsible ->> 'official' = %(official)s
    ORDER BY o.round DESC, o.id DESC LIMIT 1
) a ON true
WHERE d.responsible ->> 'official' = %(official)s AND d.stage IN ('pending', 'approaching', 'paused', 'missed') AND d.obligation <> 'objection'
  AND may_see(d.case_id, %(official)s, %(posts)s::text[])
ORDER BY d.due_at, d.id LIMIT %(limit)s

-- name: sent_to
-- What was sent to somebody, by this instance's ladder or a superior's, the latest first.
SELECT x.*, c.number, c.title, (SELECT w.at FROM ladder_seen w WHERE w.step_id = x.id AND w.official = %(official)s) AS seen_at
FROM (
    SELECT s.id, s.case_id, s.step, d.obligation, s.document, coalesce(i.demands, s.demand) AS demand,
           coalesce(i.until, s.until) AS until, s.taken_at, s.by, s.interview_id, i.place, i.meets_at,
           i.stage AS interview_stage, a.at AS ended_at, NULL AS issuer, d.stage
    FROM ladder_step s JOIN deadline d ON d.id = s.deadline_id LEFT JOIN interview i ON i.id = s.interview_id
    LEFT JOIN ladder_annulment a ON a.id = s.id
    WHERE s.responsible ->> 'official' = %(official)s
    UNION ALL
    SELECT r.id, r.case_id, r.step, r.obligation, r.document, r.demand, r.until, r.taken_at, r.by, NULL, r.place, r.meets_at, NULL,
           r.ended_at, r.issuer, NULL
    FROM ladder_received r WHERE r.responsible ->> 'official' = %(official)s
) x LEFT JOIN supervised_case c ON c.id = x.case_id
WHERE may_see(x.case_id, %(official)s, %(posts)s::text[])
ORDER BY x.taken_at DESC, x.id DESC LIMIT %(limit)s

-- name: unseen_by
-- How much of it he has not opened.
SELECT count(*) AS n FROM (
    SELECT s.id, s.case_id FROM ladder_step s
    WHERE s.responsible ->> 'official' = %(official)s AND NOT EXISTS (SELECT FROM ladder_annulment a WHERE a.id = s.id)
    UNION ALL
    SELECT r.id, r.case_id FROM ladder_received r WHERE r.responsible ->> 'official' = %(official)s AND r.ended_at IS NULL
) x
WHERE may_see(x.case_id, %(official)s, %(posts)s::text[])
  AND NOT EXISTS (SELECT FROM ladder_seen w WHERE w.step_id = x.id AND w.official = %(official)s)

-- name: note_seen
-- Somebody has opened what was sent to him; the first time counts.
INSERT INTO ladder_seen (step_id, official, at) SELECT unnest(%(ids)s::uuid[]), %(official)s, %(now)s ON CONFLICT DO NOTHING
