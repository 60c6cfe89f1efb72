-- Every list of cases asks may_see(case, reader, organisations of his posts): who is barred sees nothing.

-- name: organisations
-- The whole directory of organisations.
SELECT code, name, name_en, superior, has_instance FROM organisation ORDER BY code

-- name: officials
-- The whole directory of officials with their posts.
SELECT official, name, active, posts FROM official ORDER BY official

-- name: case_of_assignment
-- Which case an assignment belongs to.
SELECT case_id FROM assignment WHERE id = %(id)s

-- name: case_of_reply
-- Which case a reply belongs to.
SELECT case_id FROM reply WHERE id = %(id)s

-- name: note_reading
-- An official opened a case; the first time counts.
INSERT INTO reading (case_id, official, first_at) VALUES (%(case)s, %(official)s, %(now)s) ON CONFLICT DO NOTHING

-- name: review_queue
-- What waits for the first-in-command's instruction, oldest first, with the nearest open deadline; all of it, or where each of the
-- wanted words stands in number, title, brief, the names of the place, or the category.
SELECT c.id, c.number, c.title, c.confidential, c.channel, c.stage, c.round, c.registered_at, c.queued_at, c.group_size, c.read_at,
       d.due_at
FROM case_record c
LEFT JOIN LATERAL (
    SELECT min(due_at) AS due_at FROM deadline
    WHERE case_id = c.id AND standing IN ('set', 'approaching', 'missed') AND obligation NOT IN ('objection', 'follow_up', 'review')
) d ON true
WHERE c.stage IN ('registered', 'reviewed', 'reopened') AND may_see(c.id, %(me)s, %(posts)s)
  AND NOT coalesce((SELECT b.organisations ? %(own)s FROM case_bar b WHERE b.case_id = c.id), false)
  AND (%(wanted)s::jsonb IS NULL OR may_read(c.id, %(me)s, %(own)s, %(at)s) AND NOT EXISTS (
    SELECT FROM jsonb_to_recordset(%(wanted)s::jsonb) AS w (word text, categories jsonb)
    WHERE NOT w.categories ? split_part(c.category, '.', 1)
      AND position(w.word IN lower(concat_ws(' ', c.number, c.title, c.brief, c.place, c.category, (
          SELECT string_agg(o.name || ' ' || o.name_en, ' ') FROM organisation o WHERE starts_with(c.place, o.code))))) = 0))
ORDER BY c.queued_at, c.id LIMIT %(limit)s

-- name: review_count
-- How many cases wait for the first-in-command's instruction.
SELECT count(*) AS n FROM case_record c
WHERE c.stage IN ('registered', 'reviewed', 'reopened') AND may_see(c.id, %(me)s, %(posts)s)
  AND NOT coalesce((SELECT b.organisations ? %(own)s FROM case_bar b WHERE b.case_id = c.id), false)

-- name: must_be_referred_up
-- Cases that nobody here may instruct: this organisation itself, or each of its first-in-command, is barred from them.
SELECT c.id, c.number, c.channel, c.registered_at, c.queued_at FROM case_record c
WHERE c.stage IN ('registered', 'reviewed', 'reopened', 'instructed', 'in_hand') AND may_see(c.id, %(me)s, %(posts)s)
  AND NOT EXISTS (
    SELECT FROM official o WHERE o.active
      AND o.posts @> jsonb_build_array(jsonb_build_object('organisation', %(own)s::text, 'roles', jsonb_build_array('first_in_command')))
      AND may_see(c.id, o.official, ARRAY(SELECT post ->> 'organisation' FROM jsonb_array_elements(o.posts) post))
  )
ORDER BY c.queued_at, c.id LIMIT %(limit)s

-- name: replies_waiting
-- Replies that wait for the issuer's decision, oldest first.
SELECT a.id AS assignment_id, a.case_id, a.part, a.round, a.responsible, a.replied_at, a.reply_id, c.number, c.title, c.confidential,
       c.case_class, r.outcome, r.findings
FROM assignment a JOIN case_record c ON c.id = a.case_id JOIN reply r ON r.id = a.reply_id
WHERE a.stage = 'replied' AND a.issuer = %(own)s AND a.parent IS NULL AND may_see(a.case_id, %(me)s, %(posts)s)
ORDER BY a.replied_at, a.id LIMIT %(limit)s

-- name: assignments_listed
-- Assignments of one official, or of the organisations in scope, the open ones first. Of a part the whole's limit is shown; of a
-- confidential case not even what it is about, but to those who may read it.
SELECT a.id, a.case_id, a.part, a.round, a.stage, a.responsible, a.issued_by, a.issued_at, a.replied_at, a.instance, a.parent,
       c.number, c.confidential, c.case_class,
       CASE WHEN c.confidential THEN words_for(c.title, a.case_id, %(me)s, %(own)s, %(at)s) ELSE c.title END AS title,
       c.channel, d.due_at, d.paused
FROM assignment a JOIN case_record c ON c.id = a.case_id
LEFT JOIN LATERAL (
    SELECT min(due_at) FILTER (WHERE standing <> 'paused') AS due_at, bool_or(standing = 'paused') AS paused FROM deadline
    WHERE case_id = a.case_id AND standing IN ('set', 'approaching', 'missed', 'paused') AND obligation NOT IN ('objection', 'follow_up', 'review')
      AND (responsible IS NULL OR responsible ->> 'official' = a.responsible ->> 'official' OR assignment_id = a.parent)
) d ON true
WHERE (a.responsible ->> 'official' = %(official)s OR a.responsible ->> 'organisation' = ANY(%(organisations)s))
  AND a.stage = ANY(%(stages)s) AND may_see(a.case_id, %(me)s, %(posts)s)
ORDER BY a.issued_at DESC, a.id LIMIT %(limit)s

-- name: assignments_owed_count
-- How many assignments wait for something that this official owes.
SELECT count(*) AS n FROM assignment a
WHERE a.responsible ->> 'official' = %(me)s AND a.stage IN ('issued', 'received', 'objected', 'progressed', 'returned')
  AND may_see(a.case_id, %(me)s, %(posts)s)

-- name: case_seen
-- One case, if the reader may see it, with the leader who carries it.
SELECT c.*, may_read(c.id, %(me)s, %(own)s, %(at)s) AS readable, k.leader AS carried_by
FROM case_record c LEFT JOIN carried_case k ON k.case_id = c.id AND k.ended_at IS NULL
WHERE c.id = %(case)s AND may_see(c.id, %(me)s, %(posts)s)

-- name: assignment_seen
-- One assignment with the instruction behind it, if the reader may see its case.
SELECT a.*, coalesce(a.text, i.text) AS instruction, i.author, i.instructed_at, i.case_class, c.number,
       may_read(a.case_id, %(me)s, %(own)s, %(at)s) AS readable
FROM assignment a JOIN case_record c ON c.id = a.case_id LEFT JOIN instruction i ON i.id = a.instruction_id
WHERE a.id = %(assignment)s AND may_see(a.case_id, %(me)s, %(posts)s)

-- name: instructions_of_case
-- Every instruction of a case by round.
SELECT * FROM instruction WHERE case_id = %(case)s ORDER BY round

-- name: assignments_of_case
-- Every assignment of a case in the order of issue.
SELECT * FROM assignment WHERE case_id = %(case)s ORDER BY issued_at, part <> 'lead', part = 'joint', id

-- name: replies_of_case
-- Every reply of a case, the rejected ones too, with what was decided on it.
SELECT r.*, v.verdict, v.reasons, v.by AS judged_by, v.at AS judged_at
FROM reply r LEFT JOIN verdict v ON v.reply_id = r.id WHERE r.case_id = %(case)s ORDER BY r.replied_at, r.id

-- name: notes_of_case
-- Objections and progress reports of a case.
SELECT * FROM note WHERE case_id = %(case)s ORDER BY at, id

-- name: deadlines_of_case
-- What is owed in a case and not done yet.
SELECT * FROM deadline WHERE case_id = %(case)s AND standing IN ('set', 'approaching', 'missed', 'paused') ORDER BY due_at

-- name: bars_of_case
-- Who is barred from a case.
SELECT organisations, officials FROM case_bar WHERE case_id = %(case)s

-- name: links_of_case
-- What a case belongs together with, as far as the reader may see the other one.
SELECT l.link_id, l.relation, l.other, coalesce(o.number, l.other_number) AS number, l.linked_by, l.linked_at, o.id IS NOT NULL AS known,
       o.stage, o.outcome, o.confidential, words_for(o.title, o.id, %(me)s, %(own)s, %(at)s) AS title,
       words_for(o.summary, o.id, %(me)s, %(own)s, %(at)s) AS summary,
       words_for(o.answer, o.id, %(me)s, %(own)s, %(at)s) AS answer, o.concluded_at
FROM case_link l LEFT JOIN case_record o ON o.id = l.other
WHERE l.case_id = %(case)s AND l.undone_at IS NULL AND may_see(l.other, %(me)s, %(posts)s) ORDER BY l.linked_at, l.link_id

-- name: earlier_cases
-- The cases that this one repeats, however many links away, the first one first, with their answers as they are now; of what
-- was never in hand here, as intake told it. Never one that the reader may not see.
WITH RECURSIVE chain (id) AS (
    SELECT %(case)s::uuid
    UNION
    SELECT l.other FROM chain c JOIN case_link l ON l.case_id = c.id
    WHERE l.undone_at IS NULL AND l.relation IN ('repeat_of', 'repeated_by')
), told AS (
    SELECT DISTINCT ON (e."case") e."case" AS id, e.number, e.registered_at, e.outcome, e.answer
    FROM chain JOIN case_link l ON l.case_id = chain.id,
         jsonb_to_recordset(l.earlier) AS e ("case" uuid, number text, registered_at timestamptz, outcome text, answer text)
    ORDER BY e."case", l.linked_at DESC
)
SELECT c.id AS other, coalesce(o.number, t.number) AS number, coalesce(o.registered_at, t.registered_at) AS registered_at, o.stage,
       o.id IS NOT NULL AS known, coalesce(o.outcome, nullif(t.outcome, '')) AS outcome,
       words_for(coalesce(o.answer, nullif(t.answer, '')), c.id, %(me)s, %(own)s, %(at)s) AS answer
FROM chain c LEFT JOIN case_record o ON o.id = c.id LEFT JOIN told t ON t.id = c.id
WHERE c.id <> %(case)s AND may_see(c.id, %(me)s, %(posts)s)
  AND (coalesce(o.registered_at, t.registered_at), coalesce(o.number, t.number)) < (
      SELECT registered_at, number FROM case_record WHERE id = %(case)s)
ORDER BY 3, 2

-- name: unanswered
-- My instructions without an answer: assignments that I issued and nobody has replied to, oldest first.
SELECT a.id, a.case_id, a.round, a.part, a.stage, a.responsible, a.issued_at, c.number, c.title, c.confidential, d.due_at
FROM assignment a JOIN case_record c ON c.id = a.case_id
LEFT JOIN LATERAL (
    SELECT min(due_at) AS due_at FROM deadline
    WHERE case_id = a.case_id AND standing IN ('set', 'approaching', 'missed') AND obligation NOT IN ('objection', 'follow_up', 'review')
) d ON true
WHERE a.issued_by ->> 'official' = %(me)s AND a.issuer = %(own)s
  AND a.stage IN ('issued', 'received', 'objected', 'progressed', 'returned') AND may_see(a.case_id, %(me)s, %(posts)s)
ORDER BY a.issued_at, a.id LIMIT %(limit)s

-- name: account
-- The password's hash of an active official.
SELECT a.password_hash FROM account a JOIN official o USING (official) WHERE a.official = %(official)s AND o.active

-- name: set_account
-- A new password.
INSERT INTO account (official, password_hash, changed_at) VALUES (%(official)s, %(hash)s, %(now)s)
ON CONFLICT (official) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at

-- name: sign_in_tries
-- What is counted of these, each made at its first try and locked, in one order for everybody, so that tries at once are counted
-- one by one; and which are new.
INSERT INTO sign_in_try (name, failures, last_at, not_before)
SELECT key, 0, %(now)s, %(now)s FROM unnest(%(keys)s::text[]) key ORDER BY key
ON CONFLICT (name) DO UPDATE SET failures = sign_in_try.failures
RETURNING name, failures, last_at, not_before, (xmax = 0) AS fresh

-- name: count_tries
-- What is counted of one of them now.
UPDATE sign_in_try SET failures = %(failures)s, last_at = %(last_at)s, not_before = %(not_before)s WHERE name = %(name)s

-- name: forget_tries
-- A name got in from an address, or failures are old.
DELETE FROM sign_in_try WHERE name = %(pair)s
OR name IN (SELECT name FROM sign_in_try WHERE last_at < %(old)s ORDER BY name FOR UPDATE SKIP LOCKED)

-- name: is_known_place
-- Whether a name has signed in from an address of late.
SELECT EXISTS (SELECT FROM sign_in_place WHERE name = %(name)s AND address = %(address)s AND last_at >= %(old)s) AS known

-- name: note_place
-- A name has signed in from an address.
INSERT INTO sign_in_place (name, address, last_at) VALUES (%(name)s, %(address)s, %(now)s)
ON CONFLICT (name, address) DO UPDATE SET last_at = greatest(sign_in_place.last_at, excluded.last_at)

-- name: forget_places
-- From where nobody has signed in for long is forgotten.
DELETE FROM sign_in_place WHERE last_at < %(old)s

-- name: add_link
-- A one-time sign-in link.
INSERT INTO sign_in_link (token_hash, official, expires_at) VALUES (%(hash)s, %(official)s, %(expires)s)

-- name: use_link
-- Use a link up; no row when it is unknown, used or too old.
UPDATE sign_in_link SET used_at = %(now)s WHERE token_hash = %(hash)s AND used_at IS NULL AND expires_at > %(now)s
RETURNING official

-- name: begin_session
-- A sign-in.
INSERT INTO sign_in_session (sid, official, begun_at, renewed_at, ends_at, means)
VALUES (%(sid)s, %(official)s, %(now)s, %(now)s, %(ends)s, %(means)s)

-- name: means_of
-- By which means a session was begun.
SELECT means FROM sign_in_session WHERE sid = %(sid)s

-- name: renew_session
-- Renew a session that is neither ended nor too old; no row otherwise.
UPDATE sign_in_session SET renewed_at = %(now)s
WHERE sid = %(sid)s AND official = %(official)s AND ended_at IS NULL AND ends_at > %(now)s RETURNING sid

-- name: end_sessions
-- End one session of an official, or all of them but one; gives the sessions that were ended.
UPDATE sign_in_session SET ended_at = %(now)s
WHERE official = %(official)s AND ended_at IS NULL AND (sid = %(sid)s OR (%(sid)s IS NULL AND sid IS DISTINCT FROM %(but)s))
RETURNING sid

-- name: mark_ended
-- From now on the session's token is refused here, as it will be by each service that hears of it.
INSERT INTO session_ended (session, official, before) VALUES (%(session)s, %(official)s, %(now)s)
