-- Mail boxes.

-- name: taken_of_box
-- The mails of a box that were taken in, and that our own record or the box itself does not show as flagged.
SELECT uid FROM mailbox_seen
WHERE account = %(account)s AND folder = %(folder)s AND uidvalidity = %(uidvalidity)s
  AND (flagged_at IS NULL OR uid = ANY(%(uids)s::bigint[])) ORDER BY uid
