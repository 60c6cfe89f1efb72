-- What supervision sent to officials. Each list asks may_see.

-- name: supervised_of
-- What was sent to an official and is not over, of a case or of all, the latest first.
SELECT s.id, s.case_id, s.step, s.obligation, s.document, s.demand, s.until, s.taken_at, s.place, s.meets_at, s.issuer, c.number, c.title
FROM supervised s LEFT JOIN case_record c ON c.id = s.case_id
WHERE s.responsible ->> 'official' = %(official)s AND s.ended_at IS NULL AND may_see(s.case_id, %(me)s, %(posts)s)
  AND (%(case)s::uuid IS NULL OR s.case_id = %(case)s)
  AND (c.id IS NULL OR c.stage NOT IN ('concluded', 'closed', 'archived', 'withdrawn'))
ORDER BY s.taken_at DESC, s.id DESC LIMIT %(limit)s
