-- Statements of intake. Rows that change are loaded and written through store.py's tables; these insert, list and look.

-- name: register
-- A petition and what is sealed of it, unless its key is known: then no row. The number comes from a sequence.
WITH kept AS (
    INSERT INTO petition (id, number, idempotency_key, stage, channel, matter_type, category, place, identity, group_size, language,
                          has_email, received_at, registered_at, registered_by, title, brief, revision)
    SELECT %(id)s, %(prefix)s || lpad(n::text, greatest(6, length(n::text)), '0'), %(key)s, 'registered', %(channel)s, %(matter_type)s,
           %(category)s, %(place)s, %(kind)s, %(group_size)s, %(language)s, %(has_email)s, %(received_at)s, %(now)s, %(by)s::jsonb,
           %(title)s, %(brief)s, %(revision)s
    FROM nextval('petition_number') AS n
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING id, number
), hidden AS (
    INSERT INTO sealed (case_id, fingerprint, code_hash, data_key, words, identity, phone_index, email_index)
    SELECT id, %(fingerprint)s, %(code_hash)s, %(data_key)s, %(words)s, %(identity)s, %(phone_index)s, %(email_index)s FROM kept
)
SELECT number FROM kept

-- name: receipt_of_key
-- What a retry needs to be told apart and answered.
SELECT s.case_id, s.fingerprint, s.data_key, s.identity, p.number, p.registered_at
FROM petition p JOIN sealed s ON s.case_id = p.id WHERE p.idempotency_key = %(key)s

-- name: sealed_of_case
-- The sealed columns of one petition.
SELECT data_key, words, identity FROM sealed WHERE case_id = %(case_id)s

-- name: code_of_number
-- The case and the hash of the secret code behind a number.
SELECT p.id, s.code_hash FROM petition p JOIN sealed s ON s.case_id = p.id WHERE p.number = %(number)s

-- name: add_original
-- The bytes as they came, encrypted; parts count from 0.
INSERT INTO original (case_id, part, size, bytes) VALUES (%(case_id)s, %(part)s, %(size)s, %(bytes)s)

-- name: original_of_case
-- The bytes that a petition was registered from by itself.
SELECT o.bytes, s.data_key FROM original o JOIN sealed s ON s.case_id = o.case_id WHERE o.case_id = %(case_id)s AND o.part = 0

-- name: kept_mail_of_case
-- The kept mail that a clerk registered by hand.
SELECT b.mail_id, b.data_key, b.bytes FROM unread_mail m JOIN unread_bytes b ON b.mail_id = m.id WHERE m.case_id = %(case_id)s

-- name: has_original
-- Whether a mail is kept of a petition.
SELECT EXISTS (SELECT FROM original WHERE case_id = %(case_id)s)
    OR EXISTS (SELECT FROM unread_mail WHERE case_id = %(case_id)s) AS found

-- name: bars_of_case
-- The codes that never see a case, and whether our own staff named them.
SELECT code, named FROM bar WHERE case_id = %(case_id)s AND (named OR told) ORDER BY code

-- name: conflicts_lifted
-- Who was named as complained of by mistake, and who decided so: the history of a case is its log.
SELECT (convert_from(draft, 'UTF8') || '}')::jsonb -> 'data' AS data, occurred_at FROM event_log
WHERE subject = %(case_id)s::text AND name = 'case.conflict_lifted' ORDER BY id

-- name: tie
-- Whether an official is assigned the case now, and whether that was ever so.
SELECT coalesce(bool_or(ended_at IS NULL), false) AS granted, count(*) > 0 AS handled
FROM access WHERE case_id = %(case_id)s AND official = %(official)s

-- name: add_look
-- Who looked at what, when and what for.
INSERT INTO look (case_id, number, what, purpose, official, name, post, organisation, looked_at)
VALUES (%(case_id)s, %(number)s, %(what)s, %(purpose)s, %(official)s, %(name)s, %(post)s, %(organisation)s, %(now)s)

-- name: looks
-- A page of the log of looks, the latest first, with the count of all that meet the filter. The reader's own barred cases are left out.
SELECT *, count(*) OVER () AS total FROM look l
WHERE (%(number)s = '' OR l.number = %(number)s) AND (%(official)s = '' OR l.official = %(official)s OR l.name = %(official)s)
  AND (%(what)s = '' OR l.what = %(what)s)
  AND NOT EXISTS (SELECT FROM bar b WHERE b.case_id = l.case_id AND b.code = ANY(%(codes)s) AND (b.named OR b.told))
ORDER BY l.id DESC LIMIT %(limit)s OFFSET %(offset)s

-- name: desk_counts
-- How many petitions wait for a brief and for acceptance, and how many mails could not be read.
SELECT count(*) FILTER (WHERE p.brief = '') AS unbriefed, count(*) FILTER (WHERE p.accepted_at IS NULL AND p.stage IN ('registered', 'handling')) AS unaccepted,
       (SELECT count(*) FROM unread_mail WHERE stage = 'waiting') AS unread
FROM petition p
WHERE (p.brief = '' OR p.accepted_at IS NULL) AND p.stage IN ('registered', 'accepted', 'handling')
  AND NOT EXISTS (SELECT FROM bar b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s) AND (b.named OR b.told))

-- name: desk
-- A page of petitions of one queue that meet the filters, with the count of all; never one that the reader is barred from.
SELECT p.id, p.number, p.stage, p.channel, p.matter_type, p.category, p.place, p.identity, p.group_size, p.title, p.brief, p.received_at,
       p.registered_at, p.accepted_at, p.conflict_set_at, count(*) OVER () AS total
FROM petition p
WHERE CASE %(queue)s WHEN 'unbriefed' THEN p.brief = '' AND p.stage IN ('registered', 'accepted', 'handling')
                     WHEN 'unaccepted' THEN p.accepted_at IS NULL AND p.stage IN ('registered', 'handling')
                     ELSE true END
  AND (%(q)s = '' OR p.number ILIKE %(like)s OR p.title ILIKE %(like)s)
  AND (%(channel)s = '' OR p.channel = %(channel)s) AND (%(stage)s = '' OR p.stage = %(stage)s)
  AND (%(category)s = '' OR p.category = %(category)s) AND (%(place)s = '' OR p.place = %(place)s)
  AND (%(since)s::timestamptz IS NULL OR p.registered_at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR p.registered_at < %(until)s)
  AND NOT EXISTS (SELECT FROM bar b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s) AND (b.named OR b.told))
ORDER BY p.registered_at DESC, p.number DESC LIMIT %(limit)s OFFSET %(offset)s

-- name: milestones_of_case
-- What the tracking page shows, in time order; what was heard at one instant, in the order in which a case goes.
SELECT kind, round, at FROM milestone WHERE case_id = %(case_id)s ORDER BY at, array_position(
    '{registered,accepted,handed_over,concluded,asked,answered,reopened,withdrawn,withdrawn_by_staff,closed,archived}'::text[], kind), round

-- name: messages_of_case
-- The messages of a case, the latest first.
SELECT id, template, params, requested_at, stage FROM message WHERE case_id = %(case_id)s ORDER BY requested_at DESC, id DESC

-- name: question_of_case
-- The follow-up question of a round, if there is one.
SELECT round, due_at, asked_at, answered_at FROM follow_up WHERE case_id = %(case_id)s AND round = %(round)s

-- name: claim_messages
-- Messages whose time has come, claimed for five minutes, so that no transaction stays open while a mail server is talked to.
UPDATE message SET attempts = attempts + 1, next_attempt_at = %(now)s + interval '5 minutes'
WHERE id IN (SELECT id FROM message WHERE stage = 'waiting' AND next_attempt_at <= %(now)s
             ORDER BY next_attempt_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, case_id

-- name: letter_of_message
-- What is needed to write one mail.
SELECT m.id, m.case_id, m.template, m.params, p.number, p.language, p.has_email, s.data_key, s.identity, s.words
FROM message m JOIN petition p ON p.id = m.case_id JOIN sealed s ON s.case_id = m.case_id WHERE m.id = %(id)s

-- name: keep_unread
-- A mail's bytes; no row when the same bytes are kept already.
INSERT INTO unread_bytes (mail_id, fingerprint, data_key, bytes) VALUES (%(mail_id)s, %(fingerprint)s, %(data_key)s, %(bytes)s)
ON CONFLICT (fingerprint) DO NOTHING RETURNING mail_id

-- name: unread_mails
-- Mails that wait for a clerk, the oldest first.
SELECT id, reason, received_at, size, count(*) OVER () AS total FROM unread_mail WHERE stage = 'waiting'
ORDER BY received_at, id LIMIT %(limit)s OFFSET %(offset)s

-- name: bytes_of_unread
-- A kept mail's sealed bytes.
SELECT data_key, bytes FROM unread_bytes WHERE mail_id = %(mail_id)s

-- name: organisations
-- The directory's organisations, by code.
SELECT code, name, name_en FROM organisation ORDER BY code

-- name: officials
-- Active officials with their first post, for choosing who is complained of.
SELECT official, name, posts->0->>'title' AS post, posts->0->>'organisation' AS organisation FROM official WHERE active ORDER BY official

-- name: organisations_among
-- Those of some codes that are organisations.
SELECT code FROM organisation WHERE code = ANY(%(codes)s) ORDER BY code

-- name: unknown_codes
-- Those of some codes that the directory does not know.
SELECT code FROM unnest(%(codes)s::text[]) AS code
WHERE code NOT IN (SELECT code FROM organisation) AND code NOT IN (SELECT official FROM official) ORDER BY code
