-- Who may see what. `c` is case_row; these are conditions that every list, figure and page goes through.

-- name: visible
-- What a reader may see: never a case from which he or his organisation is barred; of the rest the whole instance's for
-- those whose work that is, what was assigned to him, or to his unit, and not withdrawn since, and what he carries.
c.number IS NOT NULL
AND NOT EXISTS (
    SELECT FROM case_bar b WHERE b.case_id = c.case_id AND (b.officials ? %(me)s OR b.organisations ?| %(posts)s)
)
AND (
    (%(everything)s AND c.organisation = %(own)s)
    OR EXISTS (SELECT FROM case_charge k WHERE k.case_id = c.case_id AND k.official = %(me)s AND NOT k.lost)
    OR EXISTS (
        SELECT FROM case_unit u WHERE u.case_id = c.case_id AND u.withdrawn_at IS NULL
          AND (u.official = %(me)s OR u.unit = ANY(%(units)s)
               -- A superior's case that was handed to somebody of this instance is this instance's business.
               OR (%(everything)s AND u.unit LIKE %(own)s || '%%' AND c.organisation NOT LIKE %(own)s || '%%'))
    )
)

-- name: handed
-- What a reader sees that is not his instance's as a whole: said beside `visible`, so that the list begins from his cases and not from all.
c.case_id IN (
    SELECT k.case_id FROM case_charge k WHERE k.official = %(me)s AND NOT k.lost
    UNION ALL SELECT u.case_id FROM case_unit u WHERE u.withdrawn_at IS NULL AND u.official = %(me)s
    UNION ALL SELECT u.case_id FROM case_unit u WHERE u.withdrawn_at IS NULL AND u.unit = ANY(%(units)s)
)

-- name: readable
-- Whose it is to read what a case is about: everybody's who may see it; a confidential one's the persons responsible and, in the
-- instance whose case it is, the first-in-command's and the office's.
NOT c.confidential
OR (%(keeps)s AND c.organisation = %(own)s)
OR EXISTS (SELECT FROM case_unit u WHERE u.case_id = c.case_id AND u.withdrawn_at IS NULL AND u.official = %(me)s)

-- name: instance
-- What the whole instance's figures count: its own cases, handed out to nobody else's eyes.
c.number IS NOT NULL AND c.organisation = %(own)s

-- name: posts
-- The posts of an official, each with the organisation in whose instance it works: the nearest upwards that has one.
WITH RECURSIVE post AS (
    SELECT n, p ->> 'organisation' AS organisation, p -> 'roles' AS roles
    FROM official, jsonb_array_elements(posts) WITH ORDINALITY AS e (p, n) WHERE official = %(me)s AND active
), up AS (
    SELECT n, organisation AS code, 0 AS depth FROM post
    UNION ALL
    SELECT up.n, o.superior, depth + 1 FROM up JOIN organisation o ON o.code = up.code
    WHERE NOT o.has_instance AND o.superior IS NOT NULL AND depth < 20
)
SELECT post.organisation, post.roles,
       coalesce((SELECT o.code FROM up JOIN organisation o ON o.code = up.code WHERE up.n = post.n AND o.has_instance
                 ORDER BY depth LIMIT 1), %(own)s) AS instance
FROM post ORDER BY post.n
