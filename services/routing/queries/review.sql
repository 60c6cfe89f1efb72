-- name: conclusion_limit
-- By when a case is to be concluded, as supervision said last; no row while that stands still or has passed.
SELECT due_at FROM deadline WHERE case_id = %(case)s AND obligation = 'conclude' AND standing IN ('set', 'approaching')
ORDER BY due_at DESC LIMIT 1

-- name: instruction_seen
-- One instruction with its case and the assignments that came of it and stand, if the reader may see the case.
SELECT i.*, c.number, c.title, c.origin, may_read(i.case_id, %(me)s, %(own)s, %(at)s) AS readable,
       (SELECT coalesce(jsonb_agg(a.responsible), '[]') FROM assignment a WHERE a.instruction_id = i.id AND a.stage <> 'withdrawn')
       AS given_to
FROM instruction i JOIN case_record c ON c.id = i.case_id WHERE i.id = %(instruction)s AND may_see(i.case_id, %(me)s, %(posts)s)

-- name: delegation_lock
-- One delegation is made at a time, so that two do not overlap.
SELECT pg_advisory_xact_lock(hashtext('routing.delegation'))

-- name: delegations_running
-- By which delegation an official reads now. Asked at each look into the review queue, so it locks nothing.
SELECT * FROM delegation WHERE deputy ->> 'official' = %(official)s AND starts_at <= %(now)s AND ends_at > %(now)s AND ended_at IS NULL

-- name: delegations
-- Every delegation, the latest first.
SELECT * FROM delegation ORDER BY starts_at DESC, id LIMIT %(limit)s

-- name: times
-- By week of registration (Asia/Shanghai, Mondays), the latest first, and over all of them (week null): how many cases, how many
-- were read in person and by a deputy, and seconds from one step to the next. A deputy's reading is not the first-in-command's.
WITH measured AS (
    SELECT date_trunc('week', registered_at AT TIME ZONE 'Asia/Shanghai')::date AS week, reviewed_at, reviewed_by_deputy,
           CASE WHEN reviewed_by_deputy IS NULL THEN extract(epoch FROM reviewed_at - registered_at) END AS review,
           extract(epoch FROM dispatched_at - reviewed_at) AS dispatch, extract(epoch FROM receipted_at - dispatched_at) AS receipt
    FROM case_record
    WHERE origin = %(own)s AND registered_at >= %(since)s AND may_see(id, %(me)s, %(posts)s)
)
SELECT week, count(*) AS cases, count(review) AS in_person, count(reviewed_by_deputy) AS by_deputy,
       count(dispatch) AS dispatched, count(receipt) AS received,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY review) AS review_p50, percentile_cont(0.9) WITHIN GROUP (ORDER BY review) AS review_p90,
       max(review) AS review_longest,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY dispatch) AS dispatch_p50, percentile_cont(0.9) WITHIN GROUP (ORDER BY dispatch) AS dispatch_p90,
       max(dispatch) AS dispatch_longest,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY receipt) AS receipt_p50, percentile_cont(0.9) WITHIN GROUP (ORDER BY receipt) AS receipt_p90,
       max(receipt) AS receipt_longest
FROM measured GROUP BY GROUPING SETS ((week), ()) ORDER BY week DESC NULLS FIRST
