-- What intake knows of the directory.

-- name: organisations
-- The directory's organisations, by code.
SELECT code, name, name_en FROM organisation ORDER BY code

-- name: officials
-- Active officials with their first post, for choosing who is complained of.
SELECT official, name, posts->0->>'title' AS post, posts->0->>'organisation' AS organisation FROM official WHERE active ORDER BY official

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
