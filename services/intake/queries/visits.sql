-- Visits to the reception room.

-- name: lock_booking
-- Whoever books with the same form, the same telephone or in the same session waits here for the other.
SELECT pg_advisory_xact_lock(%(key)s), pg_advisory_xact_lock(%(phone)s), pg_advisory_xact_lock(%(session)s)

-- name: lock_session
-- Whoever gives away a place of the session waits here for the other.
SELECT pg_advisory_xact_lock(%(session)s)

-- name: add_visit
-- A visit and what is sealed of it. The number comes from a sequence.
WITH kept AS (
    INSERT INTO visit (id, number, idempotency_key, stage, kind, session, slot, held_on, slot_at, group_size, made_at, made_by, named_case,
                       told_sequence, ticket, inside, checked_in_at, planned_official)
    SELECT %(id)s, %(prefix)s || lpad(n::text, greatest(6, length(n::text)), '0'), %(key)s, %(stage)s, %(kind)s, %(session)s, %(slot)s,
           %(held_on)s, %(slot_at)s, %(group_size)s, %(now)s, %(by)s::jsonb, %(named_case)s, %(told_sequence)s, %(ticket)s, %(inside)s,
           %(checked_in_at)s, %(planned_official)s
    FROM nextval('visit_number') AS n
    RETURNING id, number
), hidden AS (
    INSERT INTO visit_sealed (visit_id, fingerprint, code_hash, data_key, identity, matter, phone_index)
    SELECT id, %(fingerprint)s, %(code_hash)s, %(data_key)s, %(identity)s, %(matter)s, %(phone_index)s FROM kept
)
SELECT number FROM kept

-- name: visit_of_key
-- What a retry needs to be told apart and answered.
SELECT v.id, v.number, v.made_at, v.ticket, s.fingerprint, s.data_key, s.identity
FROM visit v JOIN visit_sealed s ON s.visit_id = v.id WHERE v.idempotency_key = %(key)s

-- name: visit_of_number
-- The visit and the hash of the secret code behind a booking's number.
SELECT v.id, s.code_hash FROM visit v JOIN visit_sealed s ON s.visit_id = v.id WHERE v.number = %(number)s

-- name: open_bookings
-- How many bookings a telephone number holds that are still to come, but for one.
SELECT count(*) AS held FROM visit v JOIN visit_sealed s ON s.visit_id = v.id
WHERE s.phone_index = %(phone_index)s AND v.stage = 'booked' AND v.slot_at > %(now)s

-- name: next_ticket
-- The day's next ticket.
INSERT INTO ticket_roll AS r (held_on, last) VALUES (%(held_on)s, 1) ON CONFLICT (held_on) DO UPDATE SET last = r.last + 1 RETURNING last

-- name: visits_between
-- The visits of some days, but for those about a case that the reader is barred from.
SELECT v.id, v.number, v.idempotency_key, v.stage, v.kind, v.session, v.slot, v.held_on, v.slot_at, v.group_size, v.made_at, v.made_by,
       v.named_case, v.told_sequence, v.ticket, v.inside, v.checked_in_at, v.called_at, v.begun_at, v.ended_at, v.planned_official,
       v.received_by, v.recorded_by, v.outcome, v.case_id, v.ended_for, v.ended_by
FROM visit v
WHERE v.held_on BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id IN (v.named_case, v.case_id) AND b.code = ANY(%(codes)s))
ORDER BY v.held_on, v.slot_at NULLS LAST, v.ticket, v.id

-- name: bookings_to_come
-- Bookings whose time has not come, but for those about a case that the reader is barred from.
SELECT v.id, v.number, v.idempotency_key, v.stage, v.kind, v.session, v.slot, v.held_on, v.slot_at, v.group_size, v.made_at, v.made_by,
       v.named_case, v.told_sequence, v.ticket, v.inside, v.checked_in_at, v.called_at, v.begun_at, v.ended_at, v.planned_official,
       v.received_by, v.recorded_by, v.outcome, v.case_id, v.ended_for, v.ended_by
FROM visit v
WHERE v.stage = 'booked' AND v.slot_at > %(now)s
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id IN (v.named_case, v.case_id) AND b.code = ANY(%(codes)s))
ORDER BY v.slot_at, v.id

-- name: waiting_visits
-- How many visitors wait on a day, but for those about a case that the reader is barred from.
SELECT count(*) AS waiting FROM visit v
WHERE v.held_on = %(held_on)s AND v.stage = 'waiting'
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id IN (v.named_case, v.case_id) AND b.code = ANY(%(codes)s))

-- name: called_tickets
-- What the screen in the waiting room shows: tickets and their sessions, and nothing of who holds them.
SELECT ticket, stage, session, slot_at, checked_in_at, called_at FROM visit
WHERE held_on = %(held_on)s AND stage IN ('waiting', 'called', 'receiving') ORDER BY ticket

-- name: sealed_of_visit
-- The sealed columns of one visit.
SELECT data_key, identity, matter, record FROM visit_sealed WHERE visit_id = %(visit_id)s

-- name: sealed_matters
-- What some visitors come about, and who they are, which is blotted out of it for readers who may not know.
SELECT visit_id, data_key, identity, matter FROM visit_sealed WHERE visit_id = ANY(%(visits)s::uuid[])

-- name: keep_record
-- What was said.
UPDATE visit_sealed SET record = %(record)s WHERE visit_id = %(visit_id)s

-- name: forget_visitor
-- Who came stays unnamed.
UPDATE visit_sealed SET identity = %(identity)s, matter = %(matter)s, phone_index = NULL WHERE visit_id = %(visit_id)s

-- name: bars_of_cases
-- The codes that never see some cases.
SELECT case_id, code FROM bar_in_force WHERE case_id = ANY(%(cases)s::uuid[])

-- name: visits_of_case
-- The visits about a case, in time order.
SELECT id, number, stage, outcome, held_on FROM visit WHERE %(case_id)s IN (named_case, case_id) ORDER BY held_on, id

-- name: numbers_of_cases
-- The numbers of some cases.
SELECT id, number FROM petition WHERE id = ANY(%(cases)s::uuid[])
