-- Accountability. Each list asks may_see: who is barred from the case sees neither what was decided nor about whom.

-- name: accountability_of_case
-- Who was held to account for a case, and by whom.
SELECT * FROM accountability WHERE case_id = %(case)s ORDER BY decided_on, recorded_at

-- name: consequences_of_case
-- What follows in a case, by record.
SELECT * FROM consequence WHERE case_id = %(case)s ORDER BY until, id

-- name: answer_to_proposal
-- The decision on a proposal.
SELECT id FROM accountability WHERE answers = %(proposal)s

-- name: case_of_consequence
-- Which case and record something follows from.
SELECT case_id, record_id FROM consequence WHERE id = %(id)s

-- name: accountability_listed
-- Records with their decisions' counts of what follows; all that the reader may see, or those that concern `official`.
SELECT a.*, c.number, words_for(c.title, c.id, %(me)s, %(own)s, %(at)s) AS title, c.confidential, d.id AS decided,
       (SELECT count(*) FROM consequence f WHERE f.record_id = a.id) AS follows,
       (SELECT count(*) FROM consequence f WHERE f.record_id = a.id AND f.done_on IS NULL) AS open
FROM accountability a JOIN case_record c ON c.id = a.case_id
LEFT JOIN accountability d ON d.answers = a.id
WHERE may_see(a.case_id, %(me)s, %(posts)s) AND (%(official)s::text IS NULL OR a.official = %(official)s)
ORDER BY a.decided_on DESC, a.recorded_at DESC, a.id LIMIT %(limit)s

-- name: consequences_listed
-- What follows, what is open and oldest first; all that the reader may see, or what concerns `official`.
SELECT f.*, c.number, words_for(c.title, c.id, %(me)s, %(own)s, %(at)s) AS title, c.confidential,
       a.measure AS decision, a.decided_by, a.decided_on, a.organisation
FROM consequence f JOIN accountability a ON a.id = f.record_id JOIN case_record c ON c.id = f.case_id
WHERE may_see(f.case_id, %(me)s, %(posts)s) AND (%(official)s::text IS NULL OR f.official = %(official)s)
ORDER BY f.done_on IS NOT NULL, f.until, f.id LIMIT %(limit)s
