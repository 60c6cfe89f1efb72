-- Handwriting and dictation beside an instruction.

-- name: keep_enclosure
-- One that waits for an instruction; the same one a second time changes nothing.
INSERT INTO enclosure (id, case_id, official, kind, form, sha256, content, uploaded_at)
SELECT %(id)s, %(case)s, %(official)s, %(kind)s, %(form)s, %(sha256)s, %(content)s, %(now)s
WHERE NOT EXISTS (
    SELECT FROM enclosure WHERE case_id = %(case)s AND official = %(official)s AND sha256 = %(sha256)s AND instruction_id IS NULL)

-- name: enclosures_waiting
-- What an official has handed in for his next instruction in a case, oldest first.
SELECT id, kind, form, octet_length(content) AS size, sha256 FROM enclosure
WHERE case_id = %(case)s AND official = %(official)s AND instruction_id IS NULL ORDER BY number

-- name: give_enclosure
-- It goes with this instruction; no row unless it waits for one of this official's in this case.
UPDATE enclosure SET instruction_id = %(instruction)s, position = %(position)s, name = %(name)s
WHERE id = %(id)s AND case_id = %(case)s AND official = %(official)s AND instruction_id IS NULL
RETURNING name, kind, form, octet_length(content) AS size, sha256

-- name: drop_enclosures
-- What waited and was not given.
DELETE FROM enclosure WHERE case_id = %(case)s AND official = %(official)s AND instruction_id IS NULL

-- name: enclosures_of_case
-- What lies here beside the instructions of a case.
SELECT id, instruction_id, name, kind, form, octet_length(content) AS size, sha256 FROM enclosure
WHERE case_id = %(case)s AND instruction_id IS NOT NULL ORDER BY instruction_id, position

-- name: enclosure_seen
-- One of them with its content, if the reader may see the case.
SELECT e.id, e.case_id, e.official, e.instruction_id, e.name, e.kind, e.form, e.content FROM enclosure e
WHERE e.id = %(enclosure)s AND may_see(e.case_id, %(me)s, %(posts)s)

-- name: note_enclosure_look
-- Somebody looks at one.
INSERT INTO enclosure_look (enclosure_id, official, first_at, last_at) VALUES (%(enclosure)s, %(official)s, %(now)s, %(now)s)
ON CONFLICT (enclosure_id, official) DO UPDATE SET last_at = excluded.last_at, times = enclosure_look.times + 1

-- name: enclosure_looks
-- A page of who looked at which enclosure, the latest first; nothing of a case that the auditor himself may not see.
SELECT l.official, l.first_at, l.last_at, l.times, e.name, c.number, coalesce(o.name, l.official) AS who, count(*) OVER () AS total
FROM enclosure_look l JOIN enclosure e ON e.id = l.enclosure_id JOIN case_record c ON c.id = e.case_id
LEFT JOIN official o ON o.official = l.official
WHERE may_see(e.case_id, %(me)s, %(posts)s)
  AND (%(number)s = '' OR c.number = %(number)s) AND (%(official)s = '' OR l.official = %(official)s OR o.name = %(official)s)
ORDER BY l.last_at DESC, e.id, l.official LIMIT %(size)s OFFSET %(offset)s
