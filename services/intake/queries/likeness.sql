-- What finds petitions that look alike. Labels and keyed hashes alone; words are opened by the machine, in memory.

-- name: claim_unshingled
-- Petitions whose words wait to be taken up: what is new before old cases of a list, of either the newest first.
SELECT case_id FROM unshingled ORDER BY turn, case_id DESC LIMIT %(limit)s FOR UPDATE SKIP LOCKED

-- name: taken_up
-- These wait no longer.
DELETE FROM unshingled WHERE case_id = ANY(%(ids)s)

-- name: put_back
-- These did not open: they are tried again after the others.
UPDATE unshingled SET turn = turn + 1 WHERE case_id = ANY(%(ids)s)

-- name: sealed_words
-- What is opened of some petitions to take their words up; nobody erases these meanwhile, and what is being erased is not there.
SELECT case_id, data_key, words, identity FROM sealed WHERE case_id = ANY(%(ids)s) ORDER BY case_id FOR SHARE SKIP LOCKED

-- name: counts_of_shingles
-- The sealed counts, for looking something up.
SELECT data_key, counts FROM shingle_counts

-- name: key_of_counts
-- Tells whether somebody counted since: each time the counts are sealed under a fresh key.
SELECT data_key FROM shingle_counts

-- name: lock_counts
-- Whoever counts is alone until the end of the transaction; another one leaves it to him.
SELECT pg_try_advisory_xact_lock(7431023160) AS alone

-- name: keep_counts
-- The counts as they are now.
INSERT INTO shingle_counts (id, data_key, counts) VALUES (%(id)s, %(data_key)s, %(counts)s)
ON CONFLICT (id) DO UPDATE SET data_key = excluded.data_key, counts = excluded.counts

-- name: drop_labels
-- The labels of some petitions, gone; gives whose there were.
WITH gone AS (DELETE FROM shingle WHERE case_id = ANY(%(ids)s) RETURNING case_id) SELECT DISTINCT case_id FROM gone

-- name: drop_every_label
-- Begin anew: without the counts no label is found again.
WITH gone AS (DELETE FROM shingle) DELETE FROM shingle_counts

-- name: wait_all_again
-- Every petition's words are taken up again.
INSERT INTO unshingled SELECT s.case_id, (p.imported_at IS NOT NULL)::integer FROM sealed s JOIN petition p ON p.id = s.case_id
WHERE s.data_key <> '' ON CONFLICT DO NOTHING

-- name: keys_of_person
-- What is sealed of a petition, with the keyed hashes of its petitioner's contacts.
SELECT data_key, words, identity, phone_index, email_index, id_number_index FROM sealed WHERE case_id = %(case_id)s

-- name: candidates
-- Petitions by the same contact, and those with the most telling words in common, that the reader may see, are not linked
-- with this one and were not found to be something else.
WITH asked AS (
    SELECT * FROM unnest(%(labels)s::bigint[], %(weights)s::real[]) AS a (label, weight)
), worded AS (
    SELECT s.case_id, sum(a.weight) AS score FROM asked a JOIN shingle s USING (label) GROUP BY s.case_id
), person AS (
    (SELECT case_id FROM sealed WHERE phone_index = %(phone)s ORDER BY case_id DESC LIMIT %(limit)s)
    UNION (SELECT case_id FROM sealed WHERE email_index = %(email)s ORDER BY case_id DESC LIMIT %(limit)s)
    UNION (SELECT case_id FROM sealed WHERE id_number_index = %(id_number)s ORDER BY case_id DESC LIMIT %(limit)s)
), allowed AS (
    SELECT c.case_id, c.score, c.same FROM (
        SELECT case_id, score, false AS same FROM worded UNION ALL SELECT case_id, 0, true FROM person) c
    WHERE c.case_id <> %(case_id)s
      AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = c.case_id AND b.code = ANY(%(codes)s))
      AND NOT EXISTS (SELECT FROM link l WHERE l.stage = 'linked' AND least(l.case_id, l.other_id) = least(c.case_id, %(case_id)s)
                      AND greatest(l.case_id, l.other_id) = greatest(c.case_id, %(case_id)s))
      AND NOT EXISTS (SELECT FROM unlike u WHERE u.one = least(c.case_id, %(case_id)s) AND u.other = greatest(c.case_id, %(case_id)s)
                      AND u.undone_at IS NULL)
), best AS (
    (SELECT case_id FROM allowed WHERE NOT same ORDER BY score DESC, case_id DESC LIMIT %(limit)s) UNION SELECT case_id FROM allowed WHERE same
    LIMIT 4 * %(limit)s
)
SELECT p.id, p.number, p.stage, p.channel, p.category, p.place, p.identity, p.title, p.registered_at,
       s.data_key, s.words, s.identity AS sealed_identity, s.phone_index, s.email_index, s.id_number_index,
       coalesce((SELECT bool_or(a.ended_at IS NULL) FROM access a WHERE a.case_id = p.id AND a.official = %(official)s), false) AS granted,
       EXISTS (SELECT FROM access a WHERE a.case_id = p.id AND (a.official = %(official)s OR a.former ? %(official)s)) AS handled,
       EXISTS (SELECT FROM bar_in_force b JOIN bar_in_force m USING (code)
               WHERE b.case_id = p.id AND m.case_id = %(case_id)s AND b.named AND m.named) AS complained
FROM best JOIN petition p ON p.id = best.case_id JOIN sealed s ON s.case_id = p.id
