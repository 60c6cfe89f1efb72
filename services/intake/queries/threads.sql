-- Mails that join a case: what they answer, and those that a clerk has not read.

-- name: one_mail_at_a_time
-- Two deliveries of one mail wait for each other.
SELECT pg_advisory_xact_lock(hashtextextended(%(key)s::text, 140))

-- name: mail_known
-- What became of a mail at an earlier delivery: a petition of its own, or part of another. `gone`: what it said was destroyed in its time.
SELECT 'petition' AS what, p.number, NULL::bytea AS fingerprint, s.data_key = '' AS gone
FROM petition p JOIN sealed s ON s.case_id = p.id WHERE p.idempotency_key = %(key)s
UNION ALL
SELECT 'correspondence', p.number, x.fingerprint, x.id IS NULL
FROM correspondence c JOIN petition p ON p.id = c.case_id LEFT JOIN correspondence_sealed x ON x.id = c.id WHERE c.key = %(key)s

-- name: threads_of_tags
-- The cases that are named by tags in addresses; with the message, where the tag is that of a returned one.
SELECT t.tag_hash, t.case_id, t.message_id FROM thread t JOIN sealed s ON s.case_id = t.case_id
WHERE t.tag_hash = ANY(%(hashes)s) AND s.data_key <> ''

-- name: threads_of_mails
-- The cases that are named by the keys of their own mails, or by messages that were sent of them.
WITH found AS (
    SELECT idempotency_key AS key, id AS case_id, NULL::uuid AS message_id FROM petition WHERE idempotency_key = ANY(%(keys)s)
    UNION ALL SELECT key, case_id, NULL FROM correspondence WHERE key = ANY(%(keys)s)
    UNION ALL SELECT b.message_key, m.case_id, NULL FROM unread_bytes b JOIN unread_mail m ON m.id = b.mail_id
              WHERE b.message_key = ANY(%(keys)s) AND m.case_id IS NOT NULL
    UNION ALL SELECT id, case_id, id FROM message WHERE id = ANY(%(messages)s)
)
SELECT f.key, f.case_id, f.message_id FROM found f JOIN sealed s ON s.case_id = f.case_id WHERE s.data_key <> ''

-- name: address_of_case
-- The keyed hash of the petitioner's address.
SELECT email_index FROM sealed WHERE case_id = %(case_id)s

-- name: add_thread
-- What a tag in an address of ours means.
INSERT INTO thread (tag_hash, case_id, message_id) VALUES (%(tag_hash)s, %(case_id)s, %(message_id)s) ON CONFLICT DO NOTHING

-- name: add_correspondence_sealed
-- What a mail says and its bytes, encrypted.
INSERT INTO correspondence_sealed (id, fingerprint, words, bytes) VALUES (%(id)s, %(fingerprint)s, %(words)s, decode(%(bytes)s, 'base64'))

-- name: correspondence_of_case
-- The mails of a case, the earliest first.
SELECT c.id, c.kind, c.stranger, c.received_at, c.seen_at, c.seen_by, x.words
FROM correspondence c JOIN correspondence_sealed x ON x.id = c.id WHERE c.case_id = %(case_id)s ORDER BY c.received_at, c.id

-- name: bytes_of_correspondence
-- One mail of a case as it came.
SELECT s.data_key, x.bytes FROM correspondence c JOIN correspondence_sealed x ON x.id = c.id JOIN sealed s ON s.case_id = c.case_id
WHERE c.case_id = %(case_id)s AND c.id = %(id)s

-- name: answers_of_case
-- When the petitioner's own mails joined the case.
SELECT received_at FROM correspondence WHERE case_id = %(case_id)s AND kind = 'answer' AND NOT stranger ORDER BY received_at

-- name: receipts_since
-- How many receipts went to one address of late.
SELECT count(*) AS n FROM message m JOIN sealed s ON s.case_id = m.case_id
WHERE s.email_index = %(email_index)s AND m.template = 'registered' AND m.requested_at > %(since)s

-- name: cases_of_numbers
-- Petitions by number, but those that the reader is barred from.
SELECT p.id, p.number FROM petition p WHERE p.number = ANY(%(numbers)s)
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s))
