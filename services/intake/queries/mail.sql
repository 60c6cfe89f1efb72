-- Mails as they came, registered or kept for a clerk.

-- name: add_original
-- The bytes as they came, encrypted; parts count from 0.
INSERT INTO original (case_id, part, size, bytes) VALUES (%(case_id)s, %(part)s, %(size)s, decode(%(bytes)s, 'base64'))

-- name: original_of_case
-- The bytes that a petition was registered from by itself.
SELECT o.bytes, s.data_key FROM original o JOIN sealed s ON s.case_id = o.case_id WHERE o.case_id = %(case_id)s AND o.part = 0

-- name: kept_mail_of_case
-- The kept mail that a clerk registered by hand.
SELECT b.mail_id, b.data_key, b.bytes FROM unread_mail m JOIN unread_bytes b ON b.mail_id = m.id
WHERE m.case_id = %(case_id)s AND m.channel = 'email'

-- name: has_original
-- Whether a mail is kept of a petition.
SELECT EXISTS (SELECT FROM original WHERE case_id = %(case_id)s)
    OR EXISTS (SELECT FROM unread_mail WHERE case_id = %(case_id)s AND channel = 'email') AS found

-- name: keep_unread
-- A mail's bytes; no row when the same bytes are kept already.
INSERT INTO unread_bytes (mail_id, fingerprint, data_key, bytes, message_key)
VALUES (%(mail_id)s, %(fingerprint)s, %(data_key)s, decode(%(bytes)s, 'base64'), %(message_key)s)
ON CONFLICT (fingerprint) DO NOTHING RETURNING mail_id

-- name: unread_mails
-- What waits for a clerk, of every channel, the oldest first.
SELECT id, channel, reason, received_at, size, whereabouts, count(*) OVER () AS total FROM unread_mail WHERE stage = 'waiting'
ORDER BY received_at, id LIMIT %(limit)s OFFSET %(offset)s

-- name: bytes_of_unread
-- A kept mail's sealed bytes.
SELECT data_key, bytes FROM unread_bytes WHERE mail_id = %(mail_id)s
