-- Files of old cases, and what became of their rows.

-- name: import_jobs
-- The imports, the latest first.
SELECT id, stage, source, format, total AS rows, counts, created_at, created_by, count(*) OVER () AS total FROM import_job
ORDER BY created_at DESC, id LIMIT %(limit)s OFFSET %(offset)s

-- name: import_sources
-- The systems that were imported from.
SELECT DISTINCT source FROM import_job ORDER BY source

-- name: imports_at_work
-- The imports that a process has something to do for, the oldest first.
SELECT id FROM import_job WHERE stage IN ('waiting', 'checking', 'running') ORDER BY created_at, id

-- name: imports_to_decide
-- How many lists were checked, or paused, and wait for a person.
SELECT count(*) AS n FROM import_job WHERE stage IN ('checked', 'paused')

-- name: add_import_file
-- A file's own key.
INSERT INTO import_file (job_id, data_key) VALUES (%(job_id)s, %(data_key)s)

-- name: add_import_chunk
-- A piece of a file, sealed.
INSERT INTO import_chunk (job_id, part, bytes) VALUES (%(job_id)s, %(part)s, %(bytes)s)

-- name: import_chunk
-- One piece of a file.
SELECT bytes FROM import_chunk WHERE job_id = %(job_id)s AND part = %(part)s

-- name: import_key
-- A file's own key, and its headings; no row once it is destroyed.
SELECT data_key, headings FROM import_file WHERE job_id = %(job_id)s

-- name: keep_headings
-- The headings as the file has them, sealed.
UPDATE import_file SET headings = %(headings)s WHERE job_id = %(job_id)s

-- name: known_keys
-- Those of some keys that a petition has, with what tells a repeat from another content.
SELECT p.idempotency_key AS key, p.id, s.fingerprint FROM petition p JOIN sealed s ON s.case_id = p.id
WHERE p.idempotency_key = ANY(%(keys)s)

-- name: forget_faults
-- What was said of some rows before they were looked at again.
DELETE FROM import_fault WHERE job_id = %(job_id)s AND at_row BETWEEN %(first)s AND %(last)s

-- name: add_faults
-- Rows that are not registered, with all that is wrong with each.
INSERT INTO import_fault (job_id, at_row, wrong, cells, case_id) VALUES %s

-- name: import_faults
-- The rows after a row that are not registered; none that speaks of a case from which the reader is barred.
SELECT f.at_row, f.wrong, f.cells FROM import_fault f
WHERE f.job_id = %(job_id)s AND f.at_row > %(after)s
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = f.case_id AND b.code = ANY(%(codes)s))
ORDER BY f.at_row LIMIT %(limit)s

-- name: import_fault_parts
-- How many rows are not registered, and the last one of each of their parts of `size` rows.
WITH shown AS (
    SELECT f.at_row, row_number() OVER (ORDER BY f.at_row) AS n FROM import_fault f
    WHERE f.job_id = %(job_id)s
      AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = f.case_id AND b.code = ANY(%(codes)s))
)
SELECT (SELECT count(*) FROM shown) AS total, ARRAY(SELECT at_row FROM shown WHERE n %% %(size)s = 0 ORDER BY n) AS ends

-- name: imports_over
-- Imports that nobody has touched since a day, and whose file is still there.
SELECT j.id FROM import_job j JOIN import_file f ON f.job_id = j.id
WHERE j.stage NOT IN ('checking', 'running') AND coalesce(j.ended_at, j.beat_at, j.created_at) < %(before)s
ORDER BY j.id LIMIT 20 FOR UPDATE OF j SKIP LOCKED

-- name: destroy_import
-- A file, its key, and the rows that were kept of it.
DELETE FROM import_file WHERE job_id = %(job_id)s

-- name: cases_of_keys
-- The cases that have one of some keys, but those from which the reader is barred.
SELECT p.id FROM petition p WHERE p.idempotency_key = ANY(%(keys)s)
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s))
ORDER BY p.registered_at DESC, p.id
