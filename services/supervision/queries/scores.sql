-- name: lock_book
-- One writer of the book at a time, and every reader of a cut-off after the writer before it: so what is recorded by then is there.
SELECT pg_advisory_xact_lock(431023022)

-- name: try_book
-- The same for the timer, which waits for nobody.
SELECT pg_try_advisory_xact_lock(431023022) AS mine

-- name: claim_occasions
-- What has not been judged yet, as it stood when it happened: who carried the case, whether it was overdue, which policy was in
-- force. Of a superior's case nobody is scored here. The case's row is taken first, as everywhere.
SELECT o.cause, o.detail, o.kind, o.case_id, o.at, o.responsible,
       coalesce(o.carrier, (
           SELECT h.leader FROM charge h
           WHERE h.case_id = o.case_id AND (h.taken_at < o.at OR h.taken_at = o.at AND o.kind <> 'late')
             AND (h.ended_at IS NULL OR h.ended_at >= o.at)
           ORDER BY h.taken_at DESC, h.id DESC LIMIT 1)) AS carrier,
       EXISTS (
           SELECT FROM deadline d
           WHERE d.case_id = o.case_id AND d.obligation IN ('progress', 'reply', 'conclude') AND d.due_at <= o.at
             AND (d.ended_at IS NULL OR d.ended_at > o.at) AND (d.missed_at IS NOT NULL OR d.stage IN ('pending', 'approaching'))
       ) AS overdue,
       CASE WHEN c.ours AND NOT c.referred THEN coalesce(
           (SELECT f.policy FROM policy_in_force f WHERE f.since <= o.at ORDER BY f.number DESC LIMIT 1),
           (SELECT f.policy FROM policy_in_force f ORDER BY f.number LIMIT 1)) END AS policy,
       o.judged_at, o.deadline_id
FROM score_occasion o JOIN supervised_case c ON c.id = o.case_id
WHERE o.judged_at IS NULL AND (%(cause)s IS NULL OR o.cause = %(cause)s)
ORDER BY o.at, o.cause, o.detail LIMIT %(limit)s
FOR UPDATE OF c, o SKIP LOCKED

-- name: judged
-- What a set of occasions was found to be.
UPDATE score_occasion o SET carrier = v.carrier::jsonb, overdue = v.overdue, policy = v.policy, judged_at = v.judged_at
FROM (VALUES %s) AS v (cause, detail, carrier, overdue, policy, judged_at)
WHERE o.cause = v.cause::uuid AND o.detail = v.detail

-- name: occasions_judged
-- Everything that was judged, for a rebuild.
SELECT cause, detail, kind, case_id, at, responsible, carrier, overdue, policy, judged_at, deadline_id
FROM score_occasion WHERE judged_at IS NOT NULL ORDER BY at, cause, detail

-- name: objections_upheld
-- What was decided to be worth other points, by an objection.
SELECT id, entry_id, becomes, decided_by AS by, decision_words AS reasons, decided_at AS at FROM score_objection WHERE decision = 'upheld'

-- name: skip_levels_annulled
-- What is worth nothing, because that the case was taken to a higher level was recorded wrongly.
SELECT id, told, 0 AS becomes, annulled_by AS by, annulled_for AS reasons, annulled_at AS at FROM skip_level WHERE annulled_at IS NOT NULL

-- name: claim_in_vain
-- Misses that were none, and were judged: what they cost is to be put right. The case's row is taken first, as everywhere. Where
-- somebody decides on them at this very instant, the next one is waited for: so the order is known for ever.
SELECT v.deadline_id, v.case_id, v.told FROM score_in_vain v JOIN supervised_case c ON c.id = v.case_id
WHERE v.corrected_at IS NULL AND NOT EXISTS (SELECT FROM score_occasion o WHERE o.deadline_id = v.deadline_id AND o.judged_at IS NULL)
  AND NOT EXISTS (
    SELECT FROM score_occasion o JOIN score_entry e ON e.cause = o.cause JOIN score_entry f ON f.corrects = e.id
    WHERE o.deadline_id = v.deadline_id AND f.at >= %(now)s)
ORDER BY v.deadline_id LIMIT %(limit)s
FOR UPDATE OF c, v SKIP LOCKED

-- name: entries_of_misses
-- What the miss of a deadline made.
SELECT e.id FROM score_occasion o JOIN score_entry e ON e.cause = o.cause WHERE o.deadline_id = %(deadline)s AND e.corrects IS NULL

-- name: misses_undone
-- What is worth nothing, because it was taken for a miss and was none.
SELECT v.told AS id, o.cause, 0 AS becomes, v.corrected_at AS at
FROM score_in_vain v JOIN score_occasion o ON o.deadline_id = v.deadline_id WHERE v.corrected_at IS NOT NULL

-- name: case_of_objection
-- Which case an objection is about.
SELECT case_id FROM score_objection WHERE id = %(objection)s

-- name: case_of_skip_level
-- Which case a record is about.
SELECT case_id FROM skip_level WHERE id = %(record)s

-- name: entries_all
-- The whole book.
SELECT {columns} FROM score_entry

-- name: entries_of_cause
-- What an event made.
SELECT id, code FROM score_entry WHERE cause = %(cause)s AND corrects IS NULL

-- name: corrections_of
-- What corrects an entry.
SELECT id FROM score_entry WHERE corrects = %(entry)s

-- name: entries_since
-- The entries of one leader or unit, or of everybody, since an instant, as they were recorded by a cut-off.
SELECT {columns} FROM score_entry
WHERE (%(code)s::text IS NULL OR code = %(code)s) AND at >= %(since)s AND at < %(until)s AND recorded_at <= %(cut)s ORDER BY at, id

-- name: cases_of_entries
-- What the cases of entries are called, and whether this reader may see them.
SELECT c.id, c.number, c.title, may_see(c.id, %(official)s, %(posts)s::text[]) AS seen,
       EXISTS (SELECT FROM charge h WHERE h.case_id = c.id AND h.official = %(official)s) AS carried
FROM supervised_case c WHERE c.id = ANY(%(cases)s)

-- name: objections_of
-- The objections to a set of entries.
SELECT * FROM score_objection WHERE entry_id = ANY(%(entries)s)

-- name: skip_level_same
-- The same one, if it is recorded already.
SELECT id FROM skip_level WHERE case_id = %(case)s AND level = %(level)s AND on_day = %(on_day)s AND annulled_at IS NULL

-- name: case_of_number
-- The case of ours that has this number.
SELECT id FROM supervised_case WHERE number = %(number)s AND ours

-- name: unheard_causes
-- Events of ours, since the book was begun, that should be occasions and are none: there are none of these.
SELECT count(*) AS missing FROM event_log l
WHERE l.name IN ('deadline.missed', 'skip_level.recorded') AND NOT EXISTS (SELECT FROM score_occasion o WHERE o.cause = l.event_id)
  AND l.id >= (SELECT min(e.id) FROM event_log e JOIN score_occasion o ON o.cause = e.event_id)

-- name: objections_listed
-- Objections, those that wait for a decision first, as far as this reader may see the case.
SELECT b.*, e.rule, e.policy, e.points, e.whom, e.code, e.person, e.at AS scored_at, c.number, c.title
FROM score_objection b JOIN score_entry e ON e.id = b.entry_id JOIN supervised_case c ON c.id = b.case_id
WHERE may_see(b.case_id, %(official)s, %(posts)s::text[])
ORDER BY b.decided_at IS NOT NULL, coalesce(b.decided_at, b.at) DESC, b.id LIMIT 200

-- name: objections_waiting
-- How many wait for a decision.
SELECT count(*) AS waiting FROM score_objection b WHERE decision IS NULL AND may_see(b.case_id, %(official)s, %(posts)s::text[])

-- name: skip_levels_listed
-- Cases that were taken to a higher level, the latest day first, as far as this reader may see them. There is no list by petitioner.
SELECT s.*, c.number, c.title FROM skip_level s JOIN supervised_case c ON c.id = s.case_id
WHERE may_see(s.case_id, %(official)s, %(posts)s::text[]) ORDER BY s.on_day DESC, s.id LIMIT 200

-- name: organisations_named
-- What organisations are called.
SELECT code, name, name_en FROM organisation

-- name: objection_to
-- An entry that may be objected to, with its case.
SELECT e.id, e.case_id, e.policy, e.rule, e.points, e.at, e.code, e.person, c.number, c.title
FROM score_entry e JOIN supervised_case c ON c.id = e.case_id WHERE e.id = %(entry)s

-- name: note_misses
-- A set of misses as occasions, each with what its deadline says.
INSERT INTO score_occasion (cause, detail, kind, case_id, at, responsible, overdue, deadline_id)
SELECT v.cause, d.obligation, 'late', d.case_id, d.due_at, d.responsible, false, d.id
FROM (VALUES %s) AS v (cause, id) JOIN deadline d ON d.id = v.id
