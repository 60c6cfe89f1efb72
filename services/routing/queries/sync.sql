-- name: neighbours
-- The instances at the other ends of the links, as they were heard of last.
SELECT org, epoch, heard_at, restored_at FROM platform.peer ORDER BY org;

-- name: flows_out
-- Our streams as each neighbour's consumers hold them in their own word; the last number that left where they have said nothing yet.
SELECT o.peer, 'out' AS way, r.consumer, o.stream, coalesce(r.sequence, 0) AS held, o.head, o.delivered, o.waiting_since AS since,
    r.at AS compared_at, r.agrees
FROM platform.outgoing o LEFT JOIN platform.reach r ON r.peer = o.peer AND r.stream = o.stream
WHERE o.head > 0 ORDER BY o.peer, o.stream, r.consumer;

-- name: flows_in
-- The neighbours' streams as our consumers hold them.
SELECT split_part(stream, '/', 2) AS peer, 'in' AS way, consumer, stream, sequence AS held, known AS head, known AS delivered,
    missing_since AS since, compared_at, agrees
FROM platform.held ORDER BY 1, stream, consumer;

-- name: differences
-- What was found to differ, case by case, the latest first.
SELECT consumer, stream, sequence, subject, what, ours, theirs, found_at FROM platform.difference ORDER BY id DESC LIMIT %(limit)s;

-- name: send_again
-- Put our streams on the list of what a neighbour wants again, from what it holds on, or from their beginning.
INSERT INTO platform.resend AS r (peer, stream, back, after)
SELECT o.peer, o.stream, false, CASE WHEN %(everything)s THEN 0 ELSE coalesce(
    (SELECT min(sequence) FROM platform.reach h WHERE h.peer = o.peer AND h.stream = o.stream), 0) END
FROM platform.outgoing o WHERE o.peer = %(peer)s
ON CONFLICT (peer, stream, back) DO UPDATE SET after = least(r.after, excluded.after) RETURNING stream;

-- name: differences_seen
-- What was found to differ, as far as the reader may see the case; the latest first.
SELECT d.sequence, d.subject, d.what, d.found_at, split_part(d.stream, '/', 2) AS peer, c.id AS case_id, c.number, c.confidential,
       words_for(c.title, c.id, %(me)s, %(own)s, %(at)s) AS title
FROM platform.difference d LEFT JOIN case_record c ON c.id::text = d.subject
LEFT JOIN case_bar b ON b.case_id::text = d.subject
WHERE b.case_id IS NULL OR may_see(b.case_id, %(me)s, %(posts)s)
ORDER BY d.id DESC LIMIT %(limit)s;
