-- Destroying what need no longer be kept, and wrapping data keys anew.

-- name: due_for_erasure
-- Petitions archived before a day, whose keys are still there; claimed, so that two processes do not do the same.
SELECT p.id, p.number FROM petition p JOIN sealed s ON s.case_id = p.id
WHERE p.stage = 'archived' AND p.archived_at < %(before)s AND s.data_key <> ''
ORDER BY p.archived_at, p.id LIMIT %(limit)s FOR UPDATE OF p SKIP LOCKED

-- name: erase_sealed
-- The keys of some petitions and all that was sealed under them. The numbers, the officials' words and the codes stay.
WITH ids AS (SELECT unnest(%(ids)s::uuid[]) AS id), mails AS (SELECT m.id FROM unread_mail m JOIN ids ON m.case_id = ids.id),
original_gone AS (DELETE FROM original o USING ids WHERE o.case_id = ids.id),
labels_gone AS (DELETE FROM shingle l USING ids WHERE l.case_id = ids.id),
attachment_gone AS (DELETE FROM attachment a USING ids WHERE a.case_id = ids.id),  -- the sweep removes the files
supplements_gone AS (UPDATE supplement a SET text = '', fingerprint = '' FROM ids WHERE a.case_id = ids.id),
mails_gone AS (DELETE FROM unread_bytes b USING mails WHERE b.mail_id = mails.id)
UPDATE sealed s SET data_key = '', words = '', identity = '', fingerprint = '', phone_index = NULL, email_index = NULL, id_number_index = NULL
FROM ids WHERE s.case_id = ids.id

-- name: add_erasures
-- That it was done, and when.
INSERT INTO erasure (case_id, number, erased_at) VALUES %s

-- name: erase_dismissed
-- Mails that asked for nothing, dismissed before a day.
DELETE FROM unread_bytes b USING unread_mail m
WHERE m.id = b.mail_id AND m.stage = 'dismissed' AND m.ended_at < %(before)s RETURNING m.id

-- name: erasures
-- What was erased, the latest first.
SELECT number, erased_at FROM erasure ORDER BY erased_at DESC, number LIMIT %(limit)s
