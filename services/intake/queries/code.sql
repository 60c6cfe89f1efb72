-- Lost secret codes.

-- name: code_of_case
-- What is needed to replace a code, or to show the new one again.
SELECT data_key, identity, code_key FROM sealed WHERE case_id = %(case_id)s

-- name: looked_for_lost_code
-- Whether an official looked at the identity for this purpose since some instant.
SELECT EXISTS (SELECT FROM look WHERE case_id = %(case_id)s AND official = %(official)s AND what = 'identity'
               AND purpose = 'lost_code' AND looked_at >= %(since)s) AS looked

-- name: replace_code
-- A new code: the old one opens nothing from now on.
UPDATE sealed SET code_hash = %(code_hash)s, identity = %(identity)s, code_key = %(key)s WHERE case_id = %(case_id)s

-- name: done_with_new_code
-- What was done on the tracking page soon after the code was replaced, and who had replaced it.
SELECT m.kind, m.at, r.name, r.looked_at AS replaced_at
FROM milestone m CROSS JOIN LATERAL (
    SELECT name, looked_at FROM look WHERE case_id = m.case_id AND what = 'identity' AND purpose = 'code_replaced'
      AND looked_at BETWEEN m.at - %(doubtful)s AND m.at ORDER BY looked_at DESC LIMIT 1) AS r
WHERE m.case_id = %(case_id)s AND m.kind IN ('withdrawn', 'answered') ORDER BY m.at
