-- Who may look at a petition, who never may, and who did.

-- name: bars_of_case
-- The codes that never see a case, and whether our own staff named them.
SELECT code, named FROM bar_in_force WHERE case_id = %(case_id)s ORDER BY code

-- name: implied_by_names
-- The organisations that routing bars because of whom our staff named: named ones with all beneath, but for our own instance's,
-- and with all beneath the instances elsewhere that named officials work in.
WITH RECURSIVE names AS (
    SELECT code FROM bar_in_force WHERE case_id = %(case_id)s AND named
), home (code) AS (
    SELECT p->>'organisation' FROM names n JOIN official o ON o.official = n.code CROSS JOIN jsonb_array_elements(o.posts) AS p
    UNION
    SELECT g.superior FROM home h JOIN organisation g USING (code)
    WHERE NOT g.has_instance AND g.code <> %(org)s AND g.superior IS NOT NULL
), beneath (code) AS (
    (SELECT code FROM names UNION SELECT g.code FROM home JOIN organisation g USING (code) WHERE g.has_instance AND g.code <> %(org)s)
    UNION
    SELECT g.code FROM beneath b JOIN organisation g ON g.superior = b.code WHERE b.code <> %(org)s
)
SELECT code FROM beneath

-- name: conflicts_lifted
-- Who was named as complained of by mistake, and who decided so: the history of a case is its log.
SELECT (convert_from(draft, 'UTF8') || '}')::jsonb -> 'data' AS data, occurred_at FROM event_log
WHERE subject = %(case_id)s::text AND name = 'case.conflict_lifted' ORDER BY id

-- name: tie
-- Whether an official is assigned the case now, whether that was ever so, and whether a unit of his was.
SELECT coalesce(bool_or(official = %(official)s AND ended_at IS NULL), false) AS granted,
       coalesce(bool_or(official = %(official)s OR former ? %(official)s), false) AS handled,
       coalesce(bool_or(organisation <> %(own)s AND organisation = ANY(%(posts)s::text[])), false) AS of_unit
FROM access WHERE case_id = %(case_id)s

-- name: add_look
-- Who looked at what, when and what for.
INSERT INTO look (case_id, number, what, purpose, official, name, post, organisation, looked_at)
VALUES (%(case_id)s, %(number)s, %(what)s, %(purpose)s, %(official)s, %(name)s, %(post)s, %(organisation)s, %(now)s)

-- name: looks
-- A page of the log of looks, the latest first, with the count of all that meet the filter. The reader's own barred cases are left
-- out, and so are the visits, calls, kept mails and posts that belong to them, which the log knows by ids of their own.
WITH shut AS (SELECT case_id FROM bar_in_force WHERE code = ANY(%(codes)s)),
unseen AS (
    SELECT case_id AS id FROM shut
    UNION ALL SELECT v.id FROM visit v JOIN shut ON shut.case_id IN (v.named_case, v.case_id)
    UNION ALL SELECT c.id FROM call c JOIN shut ON shut.case_id = c.case_id
    UNION ALL SELECT m.id FROM unread_mail m JOIN shut ON shut.case_id = m.case_id
    UNION ALL SELECT i.id FROM board_item i JOIN shut ON shut.case_id = i.case_id)
SELECT *, count(*) OVER () AS total FROM look l
WHERE (%(number)s = '' OR l.number = %(number)s) AND (%(official)s = '' OR l.official = %(official)s OR l.name = %(official)s)
  AND (%(what)s = '' OR l.what = %(what)s)
  AND l.case_id NOT IN (SELECT id FROM unseen)
ORDER BY l.id DESC LIMIT %(limit)s OFFSET %(offset)s
