-- Petitions and what is sealed of them.

-- name: register
-- A petition and what is sealed of it, unless its key is known: then no row. The number comes from a sequence.
WITH kept AS (
    INSERT INTO petition (id, number, idempotency_key, stage, channel, matter_type, category, place, identity, group_size, language,
                          has_email, received_at, registered_at, registered_by, title, brief, revision)
    SELECT %(id)s, %(prefix)s || lpad(n::text, greatest(6, length(n::text)), '0'), %(key)s, 'registered', %(channel)s, %(matter_type)s,
           %(category)s, %(place)s, %(kind)s, %(group_size)s, %(language)s, %(has_email)s, %(received_at)s, %(registered_at)s, %(by)s::jsonb,
           %(title)s, %(brief)s, %(revision)s
    FROM nextval('petition_number') AS n
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING id, number
), hidden AS (
    INSERT INTO sealed (case_id, fingerprint, code_hash, data_key, words, identity, phone_index, email_index, id_number_index)
    SELECT id, %(fingerprint)s, %(code_hash)s, %(data_key)s, %(words)s, %(identity)s, %(phone_index)s, %(email_index)s, %(id_number_index)s
    FROM kept
), waiting AS (
    INSERT INTO unshingled (case_id) SELECT id FROM kept
)
SELECT number FROM kept

-- name: register_all
-- The same for a set of old cases, each with what had been done of it elsewhere. Keys that are known make no row.
WITH given (id, key, fingerprint, code_hash, data_key, words, identity, prefix, channel, matter_type, category, place, kind, group_size,
            language, has_email, received_at, registered_at, by, title, brief, revision, phone_index, email_index, id_number_index,
            stage, concluded_at, outcome, answer, closed_at, archived_at, imported_at, imported_from) AS (VALUES %s),
kept AS (
    INSERT INTO petition (id, number, idempotency_key, stage, channel, matter_type, category, place, identity, group_size, language,
                          has_email, received_at, registered_at, registered_by, title, brief, revision,
                          concluded_at, outcome, answer, closed_at, archived_at, imported_at, imported_from)
    SELECT g.id, g.prefix || lpad(n.n::text, greatest(6, length(n.n::text)), '0'), g.key, g.stage, g.channel, g.matter_type, g.category,
           g.place, g.kind, g.group_size, g.language, g.has_email, g.received_at, g.registered_at, g.by::jsonb, g.title, g.brief, g.revision,
           g.concluded_at::timestamptz, g.outcome, g.answer, g.closed_at::timestamptz, g.archived_at::timestamptz, g.imported_at, g.imported_from
    FROM given g CROSS JOIN LATERAL (SELECT nextval('petition_number') AS n WHERE g.id IS NOT NULL) AS n
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING id, number
), hidden AS (
    INSERT INTO sealed (case_id, fingerprint, code_hash, data_key, words, identity, phone_index, email_index, id_number_index)
    SELECT g.id, g.fingerprint, g.code_hash, g.data_key, g.words, g.identity, g.phone_index::bytea, g.email_index::bytea, g.id_number_index::bytea
    FROM given g JOIN kept k ON k.id = g.id
), waiting AS (
    INSERT INTO unshingled (case_id, turn) SELECT id, 1 FROM kept
)
SELECT id, number FROM kept

-- name: receipt_of_key
-- What a retry needs to be told apart and answered.
SELECT s.case_id, s.fingerprint, s.data_key, s.identity, s.code_key IS NOT NULL AS replaced, p.number, p.registered_at
FROM petition p JOIN sealed s ON s.case_id = p.id WHERE p.idempotency_key = %(key)s

-- name: sealed_of_case
-- The sealed columns of one petition.
SELECT data_key, words, identity FROM sealed WHERE case_id = %(case_id)s

-- name: code_of_number
-- The case and the hash of the secret code behind a number.
SELECT p.id, s.code_hash FROM petition p JOIN sealed s ON s.case_id = p.id WHERE p.number = %(number)s

-- name: milestones_of_case
-- What the tracking page shows, in time order; what was heard at one instant, in the order in which a case goes.
SELECT kind, round, at FROM (SELECT kind, round, at FROM milestone WHERE case_id = %(case_id)s
    UNION ALL SELECT 'supplemented', 0, received_at FROM supplement WHERE case_id = %(case_id)s) AS step
ORDER BY at, array_position(
    '{registered,received_in_person,supplemented,code_replaced,accepted,handed_over,merged,unmerged,split,concluded,asked,answered,answer_corrected,
    recorded_satisfied,withdrawn,withdrawn_by_staff,closed,archived,contested,reopen_asked,reopened,review_asked,review_decided,final_asked,
    final_decided}'::text[], kind), round
