-- Reports: periods that are over, what is frozen of them, and what was issued.

-- name: owe_report
-- A period is over.
INSERT INTO report_period VALUES (%(kind)s, %(first)s, %(last)s, %(number)s, %(until)s) ON CONFLICT DO NOTHING

-- name: report_owed
-- The period that has been over longest and of which nothing is prepared yet; one that could not be drawn lets the others pass
-- until its next attempt. Whoever prepares one has it alone.
SELECT p.* FROM report_period p WHERE NOT EXISTS (SELECT FROM report r WHERE r.kind = p.kind AND r.first = p.first)
  AND NOT EXISTS (SELECT FROM report_failure f WHERE f.kind = p.kind AND f.first = p.first AND f.next_attempt_at > %(now)s)
ORDER BY p.until, p.kind LIMIT 1 FOR UPDATE OF p SKIP LOCKED

-- name: note_failure
-- A report could not be drawn.
INSERT INTO report_failure (kind, first, fault, attempts, failed_at, next_attempt_at)
VALUES (%(kind)s, %(first)s, %(fault)s, 1, %(now)s, %(next)s)
ON CONFLICT (kind, first) DO UPDATE SET fault = EXCLUDED.fault, attempts = report_failure.attempts + 1, failed_at = EXCLUDED.failed_at,
    next_attempt_at = EXCLUDED.next_attempt_at

-- name: drop_failure
-- It was drawn after all.
DELETE FROM report_failure WHERE kind = %(kind)s AND first = %(first)s

-- name: failing
-- The reports that are owed and could not be drawn when they were last tried.
SELECT f.*, p.last FROM report_failure f JOIN report_period p USING (kind, first) ORDER BY p.until, f.kind

-- name: last_received
-- The end of the archive.
SELECT coalesce(max(id), 0) AS id FROM received

-- name: rows_of_period
-- The cases of an organisation of which anything counts in a period, or that are open now.
SELECT {columns} FROM case_row c WHERE c.organisation = ANY(%(whose)s) AND c.number IS NOT NULL AND {of_period}

-- name: cases_told_of_since
-- The cases of which anything was told since an instant.
SELECT DISTINCT subject FROM received WHERE occurred_at >= %(until)s AND name = ANY(%(names)s)

-- name: archive_as_of
-- What had happened by an instant, as far as it was heard by a row of the archive, case by case; of some cases, or of all.
SELECT subject, stream, body FROM received
WHERE id <= %(place)s AND occurred_at < %(until)s AND name = ANY(%(names)s)
  AND (%(cases)s::text[] IS NULL OR subject = ANY(%(cases)s))
ORDER BY subject, id

-- name: organisations_as_of
-- The latest word on each organisation up to a row of the archive.
SELECT DISTINCT ON (subject) stream, body FROM received
WHERE name = 'directory.organisation_recorded' AND id <= %(place)s ORDER BY subject, id DESC

-- name: bars_as_of
-- The latest word on who is barred from each of some cases, up to a row of the archive.
SELECT DISTINCT ON (subject) subject, stream, body FROM received
WHERE subject = ANY(%(cases)s) AND name = 'case.barred' AND id <= %(place)s ORDER BY subject, id DESC

-- name: confidence_as_of
-- The latest word on whether some cases are confidential, up to a row of the archive: an instruction says it, and an assignment.
SELECT DISTINCT ON (subject) subject, stream, body FROM received
WHERE subject = ANY(%(cases)s) AND name IN ('case.instructed', 'assignment.issued') AND stream LIKE %(source)s || ' %%'
  AND id <= %(place)s ORDER BY subject, id DESC

-- name: steps_as_of
-- What was told of some cases by some names, by an instant and up to a row of the archive.
SELECT stream, body FROM received
WHERE subject = ANY(%(cases)s) AND name = ANY(%(names)s) AND id <= %(place)s AND occurred_at < %(until)s ORDER BY id

-- name: told_since
-- What was told by some names since an instant, up to a row of the archive.
SELECT stream, body FROM received WHERE occurred_at >= %(start)s AND name = ANY(%(names)s) AND id <= %(place)s ORDER BY id

-- name: interviews_as_of
-- The interviews that were held in a period, whenever they were written down, up to a row of the archive: once for each case that
-- one was about. Nobody writes one down before it is held.
SELECT subject, told -> 'data' ->> 'interview_id' AS interview
FROM received CROSS JOIN LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS told) AS r
WHERE name = 'interview.held' AND occurred_at >= %(start)s AND stream LIKE %(source)s || ' %%' AND id <= %(place)s
  AND (told -> 'data' ->> 'held_at')::timestamptz >= %(start)s AND (told -> 'data' ->> 'held_at')::timestamptz < %(end)s

-- name: heard_since
-- How many events of cases were heard after a row of the archive that had happened in a period, but for cases of which a reader
-- must not know.
SELECT count(*) AS n FROM received
WHERE id > %(place)s AND occurred_at >= %(start)s AND occurred_at < %(until)s AND name = ANY(%(names)s) AND subject <> ALL(%(hidden)s)

-- name: interviewed_since
-- The same of interviews, by when they were held.
SELECT count(*) AS n FROM received CROSS JOIN LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS told) AS r
WHERE id > %(place)s AND name = 'interview.held' AND occurred_at >= %(start)s AND stream LIKE %(source)s || ' %%'
  AND (told -> 'data' ->> 'held_at')::timestamptz >= %(start)s AND (told -> 'data' ->> 'held_at')::timestamptz < %(until)s
  AND subject <> ALL(%(hidden)s)

-- name: listed_since
-- How many cases were put on the list for the circular of a period after a row of the archive.
SELECT count(*) AS n FROM received
WHERE id > %(place)s AND name = 'circular.listed' AND convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'period_first' = %(first)s
  AND subject <> ALL(%(hidden)s)

-- name: prepare_report
-- Freeze what was drawn.
INSERT INTO report (kind, first, edition, place, prepared_at, prepared_by, reasons, corrects, data, digest)
VALUES (%(kind)s, %(first)s, %(edition)s, %(place)s, %(now)s, %(by)s, %(reasons)s, %(corrects)s, %(data)s, %(digest)s) RETURNING id

-- name: report
-- One report with its period and its issue.
SELECT r.*, p.last, p.number AS period_number, p.until, i.number, i.by AS issued_by, i.issued_at, i.digest AS text_digest,
       c.number AS corrects_number, (SELECT max(edition) FROM report n WHERE n.kind = r.kind AND n.first = r.first) AS latest
FROM report r JOIN report_period p USING (kind, first) LEFT JOIN report_issue i ON i.report = r.id
LEFT JOIN report_issue c ON c.report = r.corrects
WHERE r.id = %(id)s OR i.number = %(number)s

-- name: reports
-- A page of the reports, the latest first: what is issued, and of drafts the latest edition alone.
SELECT r.id, r.kind, r.first, r.edition, r.prepared_at, p.last, p.number AS period_number, i.number, i.by AS issued_by, i.issued_at,
       c.number AS corrects_number
FROM report r JOIN report_period p USING (kind, first) LEFT JOIN report_issue i ON i.report = r.id
LEFT JOIN report_issue c ON c.report = r.corrects
WHERE (%(kind)s = '' OR r.kind = %(kind)s)
  AND (i.report IS NOT NULL OR (%(drafts)s AND NOT EXISTS (
      SELECT FROM report n WHERE n.kind = r.kind AND n.first = r.first AND n.edition > r.edition)))
ORDER BY p.until DESC, r.id DESC LIMIT %(limit)s OFFSET %(offset)s

-- name: seen_among
-- Which of some cases a reader may see, and of which of them he may read what they are about.
SELECT c.case_id::text AS id, ({readable}) AS readable FROM case_row c WHERE c.case_id = ANY(%(cases)s::uuid[]) AND ({where})

-- name: barred_from
-- The cases from which a reader is barred.
SELECT case_id::text AS id FROM case_bar WHERE officials ? %(me)s OR organisations ?| %(posts)s

-- name: lock_reports
-- Whoever issues a report of a kind, or prepares one anew, does so alone.
SELECT first FROM report_period WHERE kind = %(kind)s ORDER BY first FOR UPDATE

-- name: next_serial
-- The next number of a kind in a year.
SELECT coalesce(max(serial), 0) + 1 AS serial FROM report_issue WHERE kind = %(kind)s AND year = %(year)s

-- name: issue_report
-- A report is issued.
INSERT INTO report_issue (report, kind, year, serial, number, by, issued_at, digest)
VALUES (%(report)s, %(kind)s, %(year)s, %(serial)s, %(number)s, %(by)s, %(now)s, %(digest)s)
