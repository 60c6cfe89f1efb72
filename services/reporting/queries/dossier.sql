-- One case, one file.

-- name: archive
-- Everything that was received about a case.
SELECT event_id, stream, body FROM received WHERE subject = %(case)s ORDER BY id

-- name: case_of_number
-- The case that bears a number, ours first: an instance below may have given the same.
SELECT case_id FROM case_row WHERE number = %(number)s ORDER BY organisation <> %(org)s, case_id LIMIT 1

-- name: outline
-- What an operator sees of a case: no title, no brief, nobody's words.
SELECT case_id, number, organisation, stage, round, case_class, channel, responsible, reply_waiting, registered_at, archived_at FROM case_row
WHERE case_id = %(case)s

-- name: names
-- What organisations are called.
SELECT code, name, name_en FROM organisation

-- name: officials
-- What officials are called, by their assignments.
SELECT official AS code, min(name) AS name FROM case_unit WHERE official = ANY(%(codes)s) AND withdrawn_at IS NULL GROUP BY official

-- name: note_reading
-- An official opened a dossier.
INSERT INTO reading VALUES (%(case)s, %(me)s, %(now)s, %(now)s)
ON CONFLICT (case_id, official) DO UPDATE SET last_at = greatest(reading.last_at, excluded.last_at)
