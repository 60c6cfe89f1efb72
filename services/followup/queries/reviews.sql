-- Reviews and final reviews.

-- name: place_of_review
-- Which case a review is of, unless this official must not see the case, or handled it.
SELECT case_id FROM review WHERE id = %(id)s AND may_see(case_id, %(official)s, %(posts)s::text[])
   AND NOT has_handled(case_id, %(official)s, %(posts)s::text[])

-- name: reviews
-- Reviews as far as this reader may see them: his own, or all of his scope; those that wait by their limit, then the others, the latest
-- first.
SELECT r.*, c.number, c.title, c.channel, c.identity, c.organisation,
       (SELECT answer FROM task t WHERE t.case_id = r.case_id ORDER BY round DESC LIMIT 1) AS answered
FROM review r JOIN followed_case c ON c.id = r.case_id
WHERE (%(only)s::uuid IS NULL OR r.id = %(only)s::uuid)
  AND may_see(r.case_id, %(official)s, %(posts)s::text[]) AND NOT has_handled(r.case_id, %(official)s, %(posts)s::text[])
  AND (r.reviewer ->> 'official' = %(official)s OR (%(all)s AND (c.organisation = ANY(%(exact)s::text[]) OR EXISTS (
       SELECT FROM unnest(%(prefixes)s::text[]) p WHERE starts_with(c.organisation, p)))))
ORDER BY r.stage = 'decided', CASE WHEN r.stage <> 'decided' THEN r.due_at END, r.decided_at DESC, r.id LIMIT %(most)s

-- name: reviews_waiting
-- How many of them wait: the badge that stands on every page.
SELECT count(*) AS n FROM review r JOIN followed_case c ON c.id = r.case_id
WHERE r.stage <> 'decided'
  AND may_see(r.case_id, %(official)s, %(posts)s::text[]) AND NOT has_handled(r.case_id, %(official)s, %(posts)s::text[])
  AND (r.reviewer ->> 'official' = %(official)s OR (%(all)s AND (c.organisation = ANY(%(exact)s::text[]) OR EXISTS (
       SELECT FROM unnest(%(prefixes)s::text[]) p WHERE starts_with(c.organisation, p)))))

-- name: reviewers
-- Who may be asked to review a case: in office here, not barred, and with no part in it, nor of a unit that had.
SELECT o.official, o.name, o.posts FROM official o
WHERE o.active AND may_review(%(case)s, o.official, ARRAY(SELECT p ->> 'organisation' FROM jsonb_array_elements(o.posts) p))
  AND NOT EXISTS (SELECT FROM task t WHERE t.case_id = %(case)s AND t.concluded_by ->> 'official' = o.official)
  AND NOT EXISTS (SELECT FROM review r WHERE r.case_id = %(case)s AND r.decided_by ->> 'official' = o.official)
  AND o.posts @> ANY (ARRAY['[{"roles": ["leader"]}]', '[{"roles": ["office"]}]', '[{"roles": ["first_in_command"]}]',
                            '[{"roles": ["supervision_office"]}]', '[{"roles": ["unit_head"]}]']::jsonb[])
ORDER BY o.official

-- name: may_review_case
-- Whether an official who holds posts in these organisations may be asked to review a case.
SELECT may_review(%(case)s, %(official)s, %(posts)s::text[]) AS may

-- name: decidable
-- Of cases that are followed, or of one, the last round: not reached, or not satisfied while no new round has begun, a decision may
-- close it.
SELECT c.id, c.number, c.title, c.channel, c.identity, c.came_back, c.instructed_round, c.organisation, c.stage AS case_stage,
       c.closed_at, c.close_reason,
       t.round, t.stage, t.settled_at, t.answer, t.outcome, t.concluded_by, t.opened_at
FROM followed_case c CROSS JOIN LATERAL (SELECT * FROM task WHERE case_id = c.id ORDER BY round DESC LIMIT 1) t
WHERE {which}
  AND may_see(c.id, %(official)s, %(posts)s::text[]) AND NOT has_handled(c.id, %(official)s, %(posts)s::text[])
  AND (c.organisation = ANY(%(exact)s::text[]) OR EXISTS (
       SELECT FROM unnest(%(prefixes)s::text[]) p WHERE starts_with(c.organisation, p)))
ORDER BY t.settled_at, c.id LIMIT %(most)s
