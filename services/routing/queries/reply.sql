-- A reply before and after it is signed: drafts, scanned pages, and what a reader of one reply may see.

-- name: save_reply_draft
-- A draft, new or again; no row unless this official owes a reply now.
INSERT INTO reply_draft (assignment_id, official, fields, saved_at)
SELECT a.id, %(official)s, %(fields)s::jsonb, %(now)s FROM assignment a
WHERE a.id = %(assignment)s AND a.responsible ->> 'official' = %(official)s AND a.stage IN ('received', 'objected', 'progressed', 'returned')
ON CONFLICT (assignment_id) DO UPDATE SET official = excluded.official, fields = excluded.fields, saved_at = excluded.saved_at
RETURNING assignment_id

-- name: reply_draft
-- An official's own draft.
SELECT fields FROM reply_draft WHERE assignment_id = %(assignment)s AND official = %(official)s

-- name: drop_reply_draft
-- The draft of a reply that was signed.
DELETE FROM reply_draft WHERE assignment_id = %(assignment)s

-- name: drop_unsigned_pages
-- Pages of an assignment that no reply names.
DELETE FROM signature_page p WHERE p.assignment_id = %(assignment)s
  AND NOT EXISTS (SELECT FROM reply r WHERE r.assignment_id = p.assignment_id AND r.page ->> 'sha256' = p.sha256)

-- name: keep_page
-- A scanned page; no row unless this official owes a reply now.
INSERT INTO signature_page (id, assignment_id, official, name, form, sha256, content, uploaded_at)
SELECT %(id)s, a.id, %(official)s, %(name)s, %(form)s, %(sha256)s, %(content)s, %(now)s FROM assignment a
WHERE a.id = %(assignment)s AND a.responsible ->> 'official' = %(official)s AND a.stage IN ('received', 'objected', 'progressed', 'returned')
RETURNING id

-- name: page_named
-- What a reply says of a page.
SELECT name, form, octet_length(content) AS size, sha256 FROM signature_page
WHERE id = %(id)s AND assignment_id = %(assignment)s AND official = %(official)s

-- name: unsigned_page
-- The page that was uploaded last and that no reply names.
SELECT p.id, p.name, p.form, octet_length(p.content) AS size FROM signature_page p
WHERE p.assignment_id = %(assignment)s AND p.official = %(official)s
  AND NOT EXISTS (SELECT FROM reply r WHERE r.assignment_id = p.assignment_id AND r.page ->> 'sha256' = p.sha256)
ORDER BY p.uploaded_at DESC LIMIT 1

-- name: page_of_reply
-- The scanned page that a reply was signed with, if it was uploaded here.
SELECT p.form, p.content FROM signature_page p
WHERE p.assignment_id = %(assignment)s AND p.sha256 = %(sha256)s ORDER BY p.uploaded_at LIMIT 1

-- name: reply_seen
-- One reply with its assignment, if the reader may see the case; `led`: he leads the round that it was joined to.
SELECT r.*, a.stage, a.part, a.instance, a.issuer, a.responsible, c.number, c.title, v.verdict,
       may_read(r.case_id, %(me)s, %(own)s, %(at)s) AS readable,
       EXISTS (SELECT FROM assignment l WHERE l.case_id = a.case_id AND l.round = a.round AND l.part = 'lead' AND a.part = 'joint'
               AND l.stage <> 'withdrawn' AND l.responsible ->> 'official' = %(me)s) AS led
FROM reply r JOIN assignment a ON a.id = r.assignment_id JOIN case_record c ON c.id = r.case_id LEFT JOIN verdict v ON v.reply_id = r.id
WHERE r.id = %(reply)s AND may_see(r.case_id, %(me)s, %(posts)s)

-- name: reply_to_verify
-- One reply with the instance that it was signed in.
SELECT r.*, a.instance, c.number FROM reply r JOIN assignment a ON a.id = r.assignment_id JOIN case_record c ON c.id = r.case_id
WHERE r.id = %(reply)s

-- name: brief_of_case
-- What the petitioner asks for, in the clerk's words.
SELECT brief FROM case_record WHERE id = %(case)s
