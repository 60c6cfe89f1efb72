-- Calls, answered or missed, and ringing back.

-- name: add_call
-- A call and its key, unless it is known; then no row.
WITH fresh AS (
    INSERT INTO call (id, line, started_at, numbered, outgoing, extension, recorded)
    VALUES (%(id)s, %(line)s, %(started_at)s, false, %(outgoing)s, '', false) ON CONFLICT (id) DO NOTHING RETURNING id
)
INSERT INTO call_sealed (call_id, data_key) SELECT id, %(data_key)s FROM fresh RETURNING call_id

-- name: sealed_of_call
-- What is sealed of a call.
SELECT data_key, number, number_index, note FROM call_sealed WHERE call_id = %(call_id)s

-- name: seal_number
-- The caller's number, once.
UPDATE call_sealed SET number = %(number)s, number_index = %(number_index)s WHERE call_id = %(call_id)s AND number IS NULL

-- name: seal_note
-- What was noted during a call that became no case.
UPDATE call_sealed SET note = %(note)s WHERE call_id = %(call_id)s

-- name: call_event
-- A telephone system's message that was taken before.
SELECT fingerprint FROM call_event WHERE id = %(id)s

-- name: add_call_event
-- A telephone system's message as it came, once.
INSERT INTO call_event (id, call_id, told, at, received_at, fingerprint, unknown, bytes)
VALUES (%(id)s, %(call_id)s, %(told)s, %(at)s, %(now)s, %(fingerprint)s, %(unknown)s, %(bytes)s)
ON CONFLICT (id) DO NOTHING RETURNING id

-- name: events_of_call
-- What a telephone system told of a call, in time order.
SELECT told, at, received_at, unknown, bytes FROM call_event WHERE call_id = %(call_id)s ORDER BY at, received_at, id

-- name: add_call_back
-- The duty to ring back a number, unless there is one.
INSERT INTO call_back (id, stage, line, missed_at, due_at, calls, attempts, number_index)
VALUES (%(id)s, 'waiting', %(line)s, %(missed_at)s, %(due_at)s, 1, 0, %(number_index)s) ON CONFLICT DO NOTHING RETURNING id

-- name: waiting_call_back
-- The duty to ring back a call's number, if it waits.
SELECT b.id FROM call_back b JOIN call_sealed s ON s.number_index = b.number_index
WHERE s.call_id = %(call_id)s AND b.stage = 'waiting'

-- name: call_backs
-- A page of the duties that wait, the oldest first, with the count of all. What the reader is barred from is not in it.
SELECT b.id, b.line, b.missed_at, b.due_at, b.calls, b.attempts, s.data_key, s.number, count(*) OVER () AS total
FROM call_back b JOIN call_sealed s ON s.call_id = b.id
WHERE b.stage = 'waiting' AND NOT call_barred(b.id, %(codes)s)
ORDER BY b.missed_at, b.id LIMIT %(limit)s OFFSET %(offset)s

-- name: call_backs_overdue
-- How many duties wait, and of how many the limit is over.
SELECT count(*) AS waiting, count(*) FILTER (WHERE due_at <= %(now)s) AS overdue FROM call_back WHERE stage = 'waiting'

-- name: calls
-- A page of calls, the latest first, with the count of all. `unwritten`: answered and not written up, or rung and never heard of again.
SELECT c.id, c.line, c.started_at, c.answered_at, c.missed_at, c.ended_at, c.outgoing, c.numbered, c.outcome, c.answered_by, c.recorded,
       c.call_back_id, p.number AS case_number, c.case_id, count(*) OVER () AS total
FROM call c LEFT JOIN petition p ON p.id = c.case_id
WHERE (%(queue)s <> 'unwritten' OR (c.outcome IS NULL AND (c.answered_at IS NOT NULL
        OR (c.missed_at IS NULL AND c.ended_at IS NULL AND c.started_at < %(now)s - interval '10 minutes'))))
  AND (%(line)s = '' OR c.line = %(line)s) AND (%(outcome)s = '' OR c.outcome = %(outcome)s)
  AND NOT call_barred(c.id, %(codes)s)
ORDER BY c.started_at DESC, c.id LIMIT %(limit)s OFFSET %(offset)s

-- name: call_counts
-- How many wait to be rung back, and how many calls to be written up.
SELECT (SELECT count(*) FROM call_back b WHERE b.stage = 'waiting' AND NOT call_barred(b.id, %(codes)s)) AS call_back,
       (SELECT count(*) FROM call_back b WHERE b.stage = 'waiting' AND b.due_at <= %(now)s AND NOT call_barred(b.id, %(codes)s)) AS overdue,
       (SELECT count(*) FROM call c WHERE c.outcome IS NULL AND NOT call_barred(c.id, %(codes)s) AND (c.answered_at IS NOT NULL
            OR (c.missed_at IS NULL AND c.ended_at IS NULL AND c.started_at < %(now)s - interval '10 minutes'))) AS unwritten

-- name: calls_at_hand
-- Calls of the last hours that are answered, or ring, and not written up: one of them is what a clerk has on the line. `chosen` is
-- among them however old.
SELECT c.id, c.line, c.started_at, c.answered_at, c.outgoing, c.numbered, s.data_key, s.number
FROM call c JOIN call_sealed s ON s.call_id = c.id
WHERE c.outcome IS NULL AND NOT call_barred(c.id, %(codes)s)
  AND (c.id = %(chosen)s OR (c.started_at > %(now)s - interval '12 hours'
       AND (c.answered_at IS NOT NULL OR (c.missed_at IS NULL AND c.ended_at IS NULL))))
ORDER BY c.started_at DESC, c.id LIMIT 12

-- name: is_call_barred
-- Whether somebody must not see a call.
SELECT call_barred(%(call_id)s, %(codes)s) AS barred

-- name: cases_of_number
-- The cases that a call's number belongs to: a call from it became one, or its petitioner gave it.
SELECT c.case_id FROM call_sealed own JOIN call_sealed other ON other.number_index = own.number_index JOIN call c ON c.id = other.call_id
WHERE own.call_id = %(call_id)s AND c.case_id IS NOT NULL
UNION
SELECT p.case_id FROM call_sealed own JOIN sealed p ON p.phone_index = own.number_index WHERE own.call_id = %(call_id)s

-- name: calls_of_call_back
-- The missed calls of a duty, and those that came of the attempts, in time order.
SELECT c.id, c.line, c.started_at, c.outgoing, c.outcome, c.case_id, p.number AS case_number
FROM call c LEFT JOIN petition p ON p.id = c.case_id
WHERE c.call_back_id = %(id)s OR c.id IN (SELECT call_id FROM call_attempt WHERE call_back_id = %(id)s)
ORDER BY c.started_at, c.id

-- name: add_recording
-- A recording as the telephone system sent it, encrypted; no row when the call has it already.
INSERT INTO call_recording (id, call_id, fingerprint, form, size, scan, finding, received_at, bytes)
VALUES (%(id)s, %(call_id)s, %(fingerprint)s, %(form)s, %(size)s, %(scan)s, %(finding)s, %(now)s, %(bytes)s)
ON CONFLICT (call_id, fingerprint) DO NOTHING RETURNING id

-- name: recordings_of_call
-- A call's recordings without their bytes, in the order in which they came.
SELECT id, form, size, scan, received_at, attachment_id FROM call_recording WHERE call_id = %(call_id)s ORDER BY received_at, id

-- name: recordings_to_file
-- Recordings of the calls that became a case which are not among its attachments yet.
SELECT r.id, r.call_id, r.form, r.size, r.scan, r.finding, r.received_at, r.bytes FROM call_recording r JOIN call c ON c.id = r.call_id
WHERE c.case_id = %(case_id)s AND r.attachment_id IS NULL AND r.bytes IS NOT NULL ORDER BY r.received_at, r.id FOR UPDATE OF r

-- name: recording_filed
-- A recording is an attachment now.
UPDATE call_recording SET attachment_id = %(attachment_id)s, bytes = NULL WHERE id = %(id)s

-- name: recording
-- One recording of a call, as it is kept.
SELECT id, form, scan, bytes FROM call_recording WHERE id = %(id)s AND call_id = %(call_id)s AND bytes IS NOT NULL
