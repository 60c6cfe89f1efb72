-- Answers made public. What is on the pages now: not taken back, of the case's last round, of a case that still stands answered
-- and from which nobody is barred.

-- name: published_answers
-- A page of what the public reads, the latest first, with the count of all that meet the filters. Looks no further than `most`.
WITH found AS (
    SELECT a.id, a.published_at
    FROM published a JOIN petition p ON p.id = a.case_id
    WHERE a.withdrawn_at IS NULL AND p.stage IN ('concluded', 'closed', 'archived') AND p.round = a.round
      AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = a.case_id)
      AND (%(id)s::uuid IS NULL OR a.id = %(id)s)
      AND (%(q)s = '' OR a.grams @> grams(%(q)s) AND (a.title ILIKE %(like)s OR a.brief ILIKE %(like)s OR a.answer ILIKE %(like)s))
      AND (%(category)s = '' OR a.category = %(category)s OR starts_with(a.category, %(category)s || '.'))
      AND (%(place)s = '' OR a.place = %(place)s)
      AND (%(year)s::integer IS NULL OR extract(year FROM a.published_at AT TIME ZONE 'Asia/Shanghai') = %(year)s)
    ORDER BY a.published_at DESC, a.id LIMIT %(most)s
)
SELECT a.id, a.title, a.brief, a.answer, a.category, a.place, a.outcome, a.published_at, (SELECT count(*) FROM found) AS total
FROM (SELECT id FROM found ORDER BY published_at DESC, id LIMIT %(limit)s OFFSET %(offset)s) AS page JOIN published a USING (id)
ORDER BY a.published_at DESC, a.id

-- name: publications_of_case
-- Everything that was ever published of a case, the latest first.
SELECT id FROM published WHERE case_id = %(case_id)s ORDER BY published_at DESC, id DESC
