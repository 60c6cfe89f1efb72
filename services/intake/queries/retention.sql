-- Destroying what need no longer be kept, and wrapping data keys anew.

-- name: due_for_erasure
-- Petitions archived before a day, whose keys are still there; claimed, so that two processes do not do the same, and that nobody
-- takes words up meanwhile: whose are taken up just now comes next time.
SELECT p.id, p.number FROM petition p JOIN sealed s ON s.case_id = p.id
WHERE p.stage = 'archived' AND p.archived_at < %(before)s AND s.data_key <> ''
ORDER BY p.archived_at, p.id LIMIT %(limit)s FOR UPDATE OF p, s SKIP LOCKED

-- name: erase_sealed
-- The keys of some petitions and all that was sealed under them. The numbers, the officials' words and the codes stay.
WITH ids AS (SELECT unnest(%(ids)s::uuid[]) AS id), mails AS (SELECT m.id FROM unread_mail m JOIN ids ON m.case_id = ids.id),
calls AS (SELECT c.id FROM call c JOIN ids ON c.case_id = ids.id),
answers_gone AS (DELETE FROM correspondence_sealed x USING correspondence c, ids WHERE x.id = c.id AND c.case_id = ids.id),
original_gone AS (DELETE FROM original o USING ids WHERE o.case_id = ids.id),
labels_gone AS (DELETE FROM shingle l USING ids WHERE l.case_id = ids.id),
waiting_gone AS (DELETE FROM unshingled u USING ids WHERE u.case_id = ids.id),
attachment_gone AS (DELETE FROM attachment a USING ids WHERE a.case_id = ids.id),  -- the sweep removes the files
supplements_gone AS (UPDATE supplement a SET text = '', fingerprint = '' FROM ids WHERE a.case_id = ids.id),
mails_gone AS (DELETE FROM unread_bytes b USING mails WHERE b.mail_id = mails.id),
calls_gone AS (UPDATE call_sealed s SET data_key = '', number = NULL, number_index = NULL, note = NULL FROM calls WHERE s.call_id = calls.id),
call_events_gone AS (DELETE FROM call_event e USING calls WHERE e.call_id = calls.id),
call_recordings_gone AS (DELETE FROM call_recording r USING calls WHERE r.call_id = calls.id),
posts AS (SELECT i.id FROM board_item i JOIN ids ON i.case_id = ids.id),
posts_gone AS (UPDATE board_text t SET bytes = '' FROM posts WHERE t.item_id = posts.id),
links_gone AS (UPDATE board_reply r SET link = '' FROM ids WHERE r.case_id = ids.id)
UPDATE sealed s SET data_key = '', words = '', identity = '', fingerprint = '', phone_index = NULL, email_index = NULL, id_number_index = NULL
FROM ids WHERE s.case_id = ids.id

-- name: add_erasures
-- That it was done, and when.
INSERT INTO erasure (case_id, number, erased_at) VALUES %s

-- name: erase_dismissed
-- Mails that asked for nothing, dismissed before a day.
DELETE FROM unread_bytes b USING unread_mail m
WHERE m.id = b.mail_id AND m.stage = 'dismissed' AND m.ended_at < %(before)s RETURNING m.id

-- name: erase_calls
-- Calls that became no case, from before a day, or joined one that is erased: whose number it was, what was noted, what the telephone system sent.
WITH over AS (SELECT c.id FROM call c WHERE (c.case_id IS NULL AND c.started_at < %(before)s)
              OR EXISTS (SELECT FROM sealed x WHERE x.case_id = c.case_id AND x.data_key = '')),
events_gone AS (DELETE FROM call_event e USING over WHERE e.call_id = over.id),
recordings_gone AS (DELETE FROM call_recording r USING over WHERE r.call_id = over.id)
UPDATE call_sealed s SET data_key = '', number = NULL, number_index = NULL, note = NULL FROM over
WHERE s.call_id = over.id AND s.data_key <> '' RETURNING s.call_id

-- name: erase_call_backs
-- By what number the duties of erased calls were found.
UPDATE call_back b SET number_index = NULL FROM call_sealed s WHERE s.call_id = b.id AND s.data_key = '' AND b.number_index IS NOT NULL

-- name: erase_posts
-- The words of posts that were set aside before a day, whether or not their board is still named.
WITH old AS (
    UPDATE board_item SET data_key = '' WHERE stage = 'aside' AND ended_at < %(before)s AND data_key <> '' RETURNING id
)
UPDATE board_text SET bytes = '' FROM old WHERE item_id = old.id

-- name: erase_visits
-- Visits of erased petitions, also those that joined one afterwards; visits that became no case, received before a day; bookings that
-- nobody kept, missed before another.
WITH over AS (
    UPDATE visit_sealed s SET data_key = '', identity = '', matter = '', record = NULL, fingerprint = '', phone_index = NULL
    FROM visit v
    WHERE v.id = s.visit_id AND s.data_key <> '' AND (
        EXISTS (SELECT FROM sealed c WHERE c.case_id = v.case_id AND c.data_key = '')
        OR (v.case_id IS NULL AND v.stage = 'done' AND v.ended_at < %(before)s)
        OR (v.stage <> 'done' AND coalesce(v.ended_at, v.slot_at, v.made_at) < %(missed)s))
    RETURNING v.id),
amendments_gone AS (UPDATE visit_amendment a SET words = '' FROM over WHERE a.visit_id = over.id)
SELECT id FROM over
