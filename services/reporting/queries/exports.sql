-- Lists taken away as files.

-- name: note_export
-- An official took a list away as a file.
INSERT INTO export (official, name, post, organisation, filter, cases, exported_at)
VALUES (%(official)s, %(name)s, %(post)s, %(organisation)s, %(filter)s, %(cases)s::uuid[], %(now)s)

-- name: note_exported
-- Each case in the file was read by whoever took it away.
INSERT INTO reading SELECT unnest(%(cases)s::uuid[]), %(me)s, %(now)s, %(now)s
ON CONFLICT (case_id, official) DO UPDATE SET last_at = greatest(reading.last_at, excluded.last_at)

-- name: exports
-- A page of the log of exports, the latest first, with the count of all. What was searched for may name a case: of a file
-- with a case from which the reader is barred, the filter is not told.
SELECT e.id, e.official, e.name, e.post, e.organisation, e.exported_at, cardinality(e.cases) AS rows,
       CASE WHEN NOT EXISTS (
           SELECT FROM case_bar b WHERE b.case_id = ANY(e.cases) AND (b.officials ? %(me)s OR b.organisations ?| %(posts)s)
       ) THEN e.filter END AS filter, count(*) OVER () AS total
FROM export e WHERE %(who)s = '' OR e.official = %(who)s OR e.name = %(who)s
ORDER BY e.id DESC LIMIT %(limit)s OFFSET %(offset)s
