-- The boards that the county names.

-- name: open_board
-- A board's row, if it has none yet.
INSERT INTO board (name, address, etag, last_modified, next_fetch_at, failures, failure, passed_over)
VALUES (%(name)s, '', '', '', %(now)s, 0, '', 0) ON CONFLICT DO NOTHING

-- name: boards
-- How each board stands, and what of it waits.
SELECT b.name, b.next_fetch_at, b.succeeded_at, b.failing_since, b.failures, b.failure, b.passed_over,
       (SELECT count(*) FROM board_item i WHERE i.board = b.name AND i.stage = 'waiting') AS waiting
FROM board b ORDER BY b.name

-- name: board_fingerprints
-- The texts that some posts are known by.
SELECT item_id, fingerprint FROM board_text WHERE item_id = ANY(%(ids)s)

-- name: board_counts
-- How many posts wait for a clerk, could not be read, and were edited after they became petitions; how many answers can be
-- posted back, and how many failed. What the reader is barred from does not count.
SELECT count(*) FILTER (WHERE stage = 'waiting' AND reason = '') AS waiting, count(*) FILTER (WHERE stage = 'waiting' AND reason <> '') AS unread,
       count(*) FILTER (WHERE stage = 'registered') AS edited,
       (SELECT count(*) FROM board_item i JOIN petition p ON p.id = i.case_id
        WHERE p.stage IN ('concluded', 'closed', 'archived') AND p.concluded_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM board_reply r WHERE r.case_id = p.id AND r.round = p.round AND r.stage NOT IN ('by_hand', 'failed'))
          AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s))) AS replies
FROM board_item i
WHERE (stage = 'waiting' OR (stage = 'registered' AND revision > read_revision))
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = i.case_id AND b.code = ANY(%(codes)s))

-- name: board_items
-- A page of one queue: waiting, unread, edited or aside; the oldest first, set aside the latest first.
SELECT i.id, i.board, i.stage, i.reason, i.posted_at, i.first_seen_at, i.revision, i.ended_at, i.set_aside_for, p.number, p.title,
       p.concluded_at IS NOT NULL AND p.stage IN ('concluded', 'closed', 'archived') AND NOT EXISTS (
           SELECT FROM board_reply r WHERE r.case_id = p.id AND r.round = p.round AND r.stage NOT IN ('by_hand', 'failed')) AS answer_waits,
       count(*) OVER () AS total
FROM board_item i LEFT JOIN petition p ON p.id = i.case_id
WHERE CASE %(queue)s WHEN 'unread' THEN i.stage = 'waiting' AND i.reason <> ''
                     WHEN 'edited' THEN i.stage = 'registered' AND i.revision > i.read_revision
                     WHEN 'aside' THEN i.stage = 'aside'
                     ELSE i.stage = 'waiting' AND i.reason = '' END
  AND (%(board)s = '' OR i.board = %(board)s)
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = i.case_id AND b.code = ANY(%(codes)s))
ORDER BY CASE WHEN i.stage = 'aside' THEN i.ended_at END DESC NULLS LAST, i.first_seen_at, i.posted_at, i.id LIMIT %(limit)s OFFSET %(offset)s

-- name: board_sayings
-- The newest words of some posts that are no petitions yet, and were not forgotten.
SELECT i.id, i.data_key, t.bytes FROM board_item i JOIN board_text t ON t.item_id = i.id AND t.revision = i.revision
WHERE i.id = ANY(%(ids)s::uuid[]) AND i.case_id IS NULL AND i.data_key <> ''

-- name: note_headings
-- An official saw the beginnings of some posts; noted for each that this official has not looked at before.
INSERT INTO look (case_id, number, what, purpose, official, name, post, organisation, looked_at)
SELECT i.id, '', 'text', 'board_list', %(official)s, %(name)s, %(post)s, %(organisation)s, %(now)s FROM unnest(%(ids)s::uuid[]) AS i (id)
WHERE NOT EXISTS (SELECT FROM look l WHERE l.case_id = i.id AND l.official = %(official)s)

-- name: next_board_item
-- The next post that waits, the oldest first; after the last in the list comes the first again.
SELECT i.id FROM board_item i LEFT JOIN board_item a ON a.id = %(after)s AND a.stage = 'waiting'
WHERE i.stage = 'waiting' AND i.id IS DISTINCT FROM %(after)s
ORDER BY (i.reason <> '', i.first_seen_at, coalesce(i.posted_at, 'infinity'), i.id)
       > (a.reason <> '', a.first_seen_at, coalesce(a.posted_at, 'infinity'), a.id) DESC NULLS LAST,
       i.reason <> '', i.first_seen_at, i.posted_at, i.id LIMIT 1

-- name: board_item_of_case
-- The post that a petition was made of.
SELECT id, revision > read_revision AS edited FROM board_item WHERE case_id = %(case_id)s

-- name: forget_board_texts
-- The words of posts that were set aside so long ago; their fingerprints stay, that they do not come again.
WITH old AS (
    UPDATE board_item SET data_key = '' WHERE board = %(board)s AND stage = 'aside' AND ended_at < %(before)s AND data_key <> ''
    RETURNING id
)
UPDATE board_text SET bytes = '' FROM old WHERE item_id = old.id

-- name: board_replies
-- A page of the answers that can be posted back, that wait, failed or went; never of a case that the reader is barred from.
SELECT p.id AS case_id, p.number, p.concluded_at, p.round, i.board, r.stage, r.failure, r.ended_at, count(*) OVER () AS total
FROM board_item i JOIN petition p ON p.id = i.case_id LEFT JOIN board_reply r ON r.case_id = p.id AND r.round = p.round
WHERE p.stage IN ('concluded', 'closed', 'archived') AND p.concluded_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s))
ORDER BY r.stage IS NULL DESC, r.stage IN ('by_hand', 'failed') DESC, p.concluded_at DESC LIMIT %(limit)s OFFSET %(offset)s

-- name: reply_of_round
-- The answer that was approved for a round.
SELECT id FROM board_reply WHERE case_id = %(case_id)s AND round = %(round)s

-- name: due_board_replies
-- Answers whose time has come, the longest due first.
SELECT id, case_id FROM board_reply WHERE stage = 'waiting' AND next_attempt_at <= %(now)s ORDER BY next_attempt_at, id LIMIT %(limit)s
