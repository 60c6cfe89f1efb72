-- name: case_of_recusal
-- Which case a recusal belongs to.
SELECT case_id FROM recusal WHERE id = %(id)s

-- name: recusals_of_case
-- Who recused himself from a case or was told to, the ended ones too.
SELECT * FROM recusal WHERE case_id = %(case)s ORDER BY at, id

-- name: refused_tries
-- A page of what the guard refused, the latest first; nothing of a case that the auditor himself may not see.
SELECT t.*, c.number, coalesce(o.name, t.tried_by) AS name, coalesce(b.name, u.name, t.barred) AS barred_name, count(*) OVER () AS total
FROM refused_try t LEFT JOIN case_record c ON c.id = t.case_id LEFT JOIN official o ON o.official = t.tried_by
LEFT JOIN official b ON b.official = t.barred LEFT JOIN organisation u ON u.code = t.barred
WHERE may_see(t.case_id, %(me)s, %(posts)s)
  AND (%(number)s = '' OR c.number = %(number)s) AND (%(official)s = '' OR t.tried_by = %(official)s OR o.name = %(official)s)
ORDER BY t.at DESC, t.id DESC LIMIT %(size)s OFFSET %(offset)s

-- name: readings
-- A page of who opened which case, the latest first, and whether he is barred from it by now; nothing of a case that the
-- auditor himself may not see.
SELECT r.case_id, r.official, r.first_at, c.number, coalesce(o.name, r.official) AS name, b.barred, count(*) OVER () AS total
FROM reading r JOIN case_record c ON c.id = r.case_id LEFT JOIN official o ON o.official = r.official
CROSS JOIN LATERAL (
    SELECT NOT may_see(r.case_id, r.official, ARRAY(SELECT post ->> 'organisation' FROM jsonb_array_elements(o.posts) post)) AS barred
) b
WHERE may_see(r.case_id, %(me)s, %(posts)s) AND (b.barred OR NOT %(only_barred)s)
  AND (%(number)s = '' OR c.number = %(number)s) AND (%(official)s = '' OR r.official = %(official)s OR o.name = %(official)s)
ORDER BY r.first_at DESC, r.case_id, r.official LIMIT %(size)s OFFSET %(offset)s

-- name: referred
-- What went up to the superior, the latest first.
SELECT r.*, c.number, c.channel, c.stage, c.outcome, c.concluded_at FROM referral r JOIN case_record c ON c.id = r.case_id
WHERE may_see(r.case_id, %(me)s, %(posts)s) ORDER BY r.at DESC, r.case_id LIMIT %(limit)s
