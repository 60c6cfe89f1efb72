-- What petitioners say after the conclusion.

-- name: last_question_of_case
-- The round of the latest follow-up question of a case.
SELECT max(round) AS round FROM follow_up WHERE case_id = %(case_id)s

-- name: add_rating_link
-- A link; only the hash of its token is kept.
INSERT INTO rating_link (token_hash, case_id, round, made_at, expires_at)
VALUES (%(token_hash)s, %(case_id)s, %(round)s, %(now)s, %(expires_at)s)

-- name: rating_link
-- What a link serves, as long as it serves.
SELECT case_id, round, expires_at FROM rating_link WHERE token_hash = %(token_hash)s AND used_at IS NULL AND expires_at > %(now)s

-- name: use_rating_link
-- A link is used, once; whoever comes at the same time waits and finds it used.
UPDATE rating_link SET used_at = %(now)s
WHERE token_hash = %(token_hash)s AND used_at IS NULL AND expires_at > %(now)s RETURNING case_id, round

-- name: add_remark
-- Sealed words of the petitioner's.
INSERT INTO remark (id, case_id, round, kind, text, given_at, recorded_by, means)
VALUES (%(id)s, %(case_id)s, %(round)s, %(kind)s, %(text)s, %(now)s, %(recorded_by)s::jsonb, %(means)s)

-- name: remarks_of_case
-- What the petitioner wrote after conclusions, in time order.
SELECT round, kind, text, given_at, recorded_by, means FROM remark WHERE case_id = %(case_id)s ORDER BY given_at, id

-- name: reviewers_of_case
-- The officials who decide, or decided, reviews of a case.
SELECT DISTINCT reviewer FROM review_request WHERE case_id = %(case_id)s AND reviewer <> ''
