-- name: official_named
-- One official as the directory has him.
SELECT official, name, active, posts FROM official WHERE official = %(official)s

-- name: officials_active
-- Everybody who holds a post, in the directory's order.
SELECT official, name, active, posts FROM official WHERE active ORDER BY official

-- name: may_see_case
-- Whether an official, holding posts in these organisations, may see a case.
SELECT may_see(%(case)s, %(official)s, %(posts)s::text[]) AS may

-- name: open_proposal
-- The proposal for a case that nobody has decided yet.
SELECT id FROM charge_proposal WHERE case_id = %(case)s AND decision IS NULL

-- name: last_charge
-- The charge of a case that was taken last, over or not.
SELECT id FROM charge WHERE case_id = %(case)s ORDER BY taken_at DESC, id DESC LIMIT 1

-- name: running_charges
-- Which charges run, the cases in the order in which they are locked.
SELECT id, case_id FROM charge WHERE ended_at IS NULL ORDER BY case_id

-- name: claim_lapsing
-- Charges whose limit for evidence has passed, with the duties that had some by then. Nobody is waited for, as in firing.
SELECT h.id, ARRAY(SELECT DISTINCT e.duty FROM duty e WHERE e.charge_id = h.id AND e.at < h.duties_by) AS done
FROM charge h JOIN supervised_case c ON c.id = h.case_id
WHERE h.ended_at IS NULL AND h.lapsed_at IS NULL AND h.duties_by <= %(now)s
ORDER BY h.duties_by, h.id LIMIT %(limit)s
FOR UPDATE OF c, h SKIP LOCKED

-- name: duties_done
-- The duties of a charge for which there is evidence.
SELECT DISTINCT duty FROM duty WHERE charge_id = %(charge)s

-- name: charge_seen
-- One charge with its case, if the reader may see it.
SELECT h.*, c.number, c.title FROM charge h JOIN supervised_case c ON c.id = h.case_id
WHERE h.id = %(charge)s AND may_see(h.case_id, %(official)s, %(posts)s::text[])
