-- What intake knows of the directory.

-- name: organisations
-- The directory's organisations, by code.
SELECT code, name, name_en FROM organisation ORDER BY code

-- name: officials
-- Active officials with their first post, for choosing who is complained of.
SELECT official, name, posts->0->>'title' AS post, posts->0->>'organisation' AS organisation FROM official WHERE active ORDER BY official

-- name: organisations_like
-- Units in whose name or code each of some words stands.
SELECT code, name, name_en FROM organisation WHERE concat_ws(' ', name, name_en, code) ILIKE ALL (%(words)s) ORDER BY code LIMIT %(limit)s

-- name: officials_like
-- Officials in whose name, posts or units each of some words stands, with their first post; those who have left come last.
SELECT o.official AS code, o.name, o.active, o.posts->0->>'title' AS post, u.units
FROM official o CROSS JOIN LATERAL (
    SELECT string_agg(concat_ws(' ', p->>'title', g.name, g.name_en), ' ') AS said, string_agg(DISTINCT g.name, '、') AS units
    FROM jsonb_array_elements(o.posts) AS p LEFT JOIN organisation g ON g.code = p->>'organisation') AS u
WHERE concat_ws(' ', o.name, u.said) ILIKE ALL (%(words)s) ORDER BY NOT o.active, o.official LIMIT %(limit)s

-- name: names_of_codes
-- What the directory calls some units and officials.
SELECT code, name, name_en FROM organisation WHERE code = ANY(%(codes)s)
UNION ALL
SELECT official, concat_ws(' ', name, posts->0->>'title'), concat_ws(' ', name, posts->0->>'title') FROM official WHERE official = ANY(%(codes)s)

-- name: organisations_among
-- Those of some codes that are organisations.
SELECT code FROM organisation WHERE code = ANY(%(codes)s) ORDER BY code

-- name: unknown_codes
-- Those of some codes that the directory does not know.
SELECT code FROM unnest(%(codes)s::text[]) AS code
WHERE code NOT IN (SELECT code FROM organisation) AND code NOT IN (SELECT official FROM official) ORDER BY code

-- name: official_in_office
-- Somebody of the directory with every post, while in office.
SELECT name, posts FROM official WHERE official = %(official)s AND active
