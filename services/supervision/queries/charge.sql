-- name: official_named
-- One official as the directory has him.
SELECT official, name, active, posts FROM official WHERE official = %(official)s

-- name: officials_active
-- Everybody who holds a post, in the directory's order.
SELECT official, name, active, posts FROM official WHERE active ORDER BY official

-- name: officials_who_may_see
-- Everybody active who is barred from a case neither himself nor by an organisation in which he holds a post.
SELECT official FROM official
WHERE active AND may_see(%(case)s, official, ARRAY(SELECT post ->> 'organisation' FROM jsonb_array_elements(posts) post))

-- name: may_see_case
-- Whether an official, holding posts in these organisations, may see a case.
SELECT may_see(%(case)s, %(official)s, %(posts)s::text[]) AS may

-- name: open_proposal
-- The proposal for a case that nobody has decided yet.
SELECT id FROM charge_proposal WHERE case_id = %(case)s AND decision IS NULL

-- name: proposals_over
-- Nobody is to carry these cases any more, for they are closed.
UPDATE charge_proposal p SET decision = 'over', decided_at = %(now)s FROM (VALUES %s) AS v (id) WHERE p.case_id = v.id::uuid AND p.decision IS NULL

-- name: last_charge
-- The charge of a case that was taken last, over or not, and whether what its end earned is lost already.
SELECT h.id, EXISTS (SELECT FROM score_occasion o WHERE o.case_id = h.case_id AND o.kind = 'unsettled' AND o.at >= h.ended_at) AS lost
FROM charge h WHERE h.case_id = %(case)s ORDER BY h.taken_at DESC, h.id DESC LIMIT 1

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

-- name: charges_listed
-- Who carries what: running charges, or those that are over, as far as this reader may see the case; of one official if he is named.
SELECT h.id, h.case_id, h.leader, h.official, h.ground, h.taken_at, h.duties_by, h.ended_at, h.ended_for, c.number, c.title,
       ARRAY(SELECT DISTINCT e.duty FROM duty e WHERE e.charge_id = h.id) AS done,
       (SELECT count(*) FROM duty e WHERE e.charge_id = h.id AND e.form IN ('visit', 'reception')) AS visits
FROM charge h JOIN supervised_case c ON c.id = h.case_id
WHERE (h.ended_at IS NULL) = %(running)s AND (%(of)s::text IS NULL OR h.official = %(of)s)
  AND may_see(h.case_id, %(official)s, %(posts)s::text[])
ORDER BY coalesce(h.ended_at, h.taken_at) DESC, h.id LIMIT %(limit)s

-- name: carried_by
-- How many cases each leader carries; a number says nothing of which.
SELECT official, count(*) AS carried FROM charge WHERE ended_at IS NULL GROUP BY official

-- name: charges_of_case
-- Who carried a case and who does.
SELECT id, leader, ground, taken_at, ended_at, ended_for FROM charge WHERE case_id = %(case)s ORDER BY taken_at, id

-- name: evidence_of
-- The duty log of a charge.
SELECT * FROM duty WHERE charge_id = %(charge)s ORDER BY done_on, at, id

-- name: proposals_open
-- What waits for a decision, as far as this reader may see it.
SELECT p.*, c.number, c.title, c.responsible FROM charge_proposal p JOIN supervised_case c ON c.id = p.case_id
WHERE p.decision IS NULL AND may_see(p.case_id, %(official)s, %(posts)s::text[]) ORDER BY p.at, p.id

-- name: carriable
-- Overdue cases of ours that nobody carries, those that are overdue longest first, as far as this reader may see them.
SELECT c.id, c.number, c.title, c.responsible, min(d.due_at) AS due_at
FROM supervised_case c JOIN deadline d ON d.case_id = c.id
WHERE c.ours AND c.closed_at IS NULL AND c.charge IS NULL AND d.stage = 'missed' AND d.obligation IN ('progress', 'conclude')
  AND may_see(c.id, %(official)s, %(posts)s::text[])
GROUP BY c.id ORDER BY min(d.due_at), c.id LIMIT %(limit)s

-- name: case_to_carry
-- One case of ours, if the reader may see it.
SELECT c.id, c.number, c.title, c.responsible, c.conclude_by, c.closed_at, c.charge FROM supervised_case c
WHERE c.id = %(case)s AND c.ours AND NOT c.referred AND may_see(c.id, %(official)s, %(posts)s::text[])
