-- Messages to petitioners.

-- name: messages_of_case
-- The messages of a case, the latest first.
SELECT id, template, params, requested_at, stage, failure, status FROM message WHERE case_id = %(case_id)s ORDER BY requested_at DESC, id DESC

-- name: claim_message
-- The message whose time came first, claimed for five minutes, so that no transaction stays open while a mail server is talked to.
UPDATE message SET attempts = attempts + 1, next_attempt_at = %(now)s + interval '5 minutes'
WHERE id = (SELECT id FROM message WHERE stage = 'waiting' AND next_attempt_at <= %(now)s
            ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, case_id

-- name: claim_shown
-- Messages whose time has come and that no mail goes out for. The case's row is taken first, as everywhere, and nobody is waited for.
SELECT m.id, m.case_id FROM message m JOIN petition p ON p.id = m.case_id
WHERE m.stage = 'waiting' AND m.next_attempt_at <= %(now)s AND NOT (p.has_email AND %(mails)s)
ORDER BY m.next_attempt_at, m.id LIMIT %(limit)s FOR UPDATE OF p, m SKIP LOCKED

-- name: letter_of_message
-- What is needed to write one mail.
SELECT m.id, m.case_id, m.template, m.params, p.number, p.language, p.has_email, s.data_key, s.identity, s.words
FROM message m JOIN petition p ON p.id = m.case_id JOIN sealed s ON s.case_id = m.case_id WHERE m.id = %(id)s

-- name: oldest_message
-- For how many seconds the oldest message to a petitioner has waited.
SELECT coalesce(extract(epoch FROM %(now)s - min(requested_at)), 0) AS age FROM message WHERE stage = 'waiting'
