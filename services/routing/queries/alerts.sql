-- What officials are told. What a bar has shut since is neither sent nor shown: each list asks may_see.

-- name: add_alerts
-- An official is told of an event, once, where he works in this instance.
INSERT INTO alert (id, official, cause, kind, case_id, about, at)
SELECT v.id::uuid, v.official, v.cause::uuid, v.kind, v.case_id::uuid, v.about::uuid, v.at::timestamptz
FROM (VALUES %s) AS v (id, official, organisation, cause, kind, case_id, about, at)
WHERE works_here(v.organisation, %(own)s)
ON CONFLICT (official, cause) DO NOTHING

-- name: overtake_alerts
-- What he was told of a case's assignment before is overtaken: it was taken back, or somebody else has it now.
-- Rows are locked in their one order, so that two who mark the same ones wait for each other and not both for ever.
UPDATE alert a SET over_at = f.at FROM (
    SELECT a.id, v.at::timestamptz AS at FROM alert a JOIN (VALUES %s) AS v (official, case_id, at)
      ON a.official = v.official AND a.case_id = v.case_id::uuid
    WHERE a.read_at IS NULL AND a.over_at IS NULL AND a.kind = ANY(%(kinds)s) ORDER BY a.place FOR UPDATE OF a
) f WHERE a.id = f.id

-- name: read_alerts
-- He has opened the case that they are about.
UPDATE alert a SET read_at = f.at FROM (
    SELECT a.id, v.at::timestamptz AS at FROM alert a JOIN (VALUES %s) AS v (official, case_id, at)
      ON a.official = v.official AND a.case_id = v.case_id::uuid
    WHERE a.read_at IS NULL AND a.over_at IS NULL ORDER BY a.place FOR UPDATE OF a
) f WHERE a.id = f.id

-- name: read_alerts_of_kinds
-- He has opened the page on which these stand.
UPDATE alert a SET read_at = f.at FROM (
    SELECT a.id, v.at::timestamptz AS at FROM alert a JOIN (VALUES %s) AS v (official, at) ON a.official = v.official
    WHERE a.kind = ANY(%(kinds)s) AND a.read_at IS NULL AND a.over_at IS NULL ORDER BY a.place FOR UPDATE OF a
) f WHERE a.id = f.id

-- name: alert_work
-- Whether there is something to gather, to send, to chase, or a day's digest to make.
SELECT EXISTS (SELECT FROM alert WHERE gathered_at IS NULL AND over_at IS NULL AND coalesce(wait_until, at) <= %(now)s) AS gather,
       EXISTS (SELECT FROM alert_message WHERE stage = 'waiting' AND next_attempt_at <= %(now)s) AS send,
       EXISTS (SELECT FROM alert WHERE read_at IS NULL AND over_at IS NULL AND raised_at IS NULL AND kind = ANY(%(chased)s)
               AND coalesce(again_at, gathered_at) <= %(unread)s) AS chase,
       NOT EXISTS (SELECT FROM alert_day WHERE day >= %(day)s) AS daily

-- name: alert_pending
-- Whose alerts are to be gathered: the one for whom the first became due.
SELECT official FROM alert WHERE gathered_at IS NULL AND over_at IS NULL
  AND (wait_until <= %(now)s OR (wait_until IS NULL AND at <= %(since)s))
ORDER BY coalesce(wait_until, at) LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: alert_gathering
-- What one official is to be told. What somebody marks at this moment is left for the next look: who gathers waits for nobody.
SELECT id FROM alert WHERE official = %(official)s AND gathered_at IS NULL AND over_at IS NULL ORDER BY id FOR UPDATE SKIP LOCKED

-- name: alert_shut
-- Those of a set that are not their official's to know: he is barred from the case, or holds no post any more.
SELECT a.id FROM alert a LEFT JOIN official o ON o.official = a.official
WHERE a.id = ANY(%(ids)s::uuid[]) AND (NOT coalesce(o.active, false)
      OR a.case_id IS NOT NULL AND NOT may_see(a.case_id, a.official, posts_of(a.official)))

-- name: alert_chased
-- One that was not read in time, and who may be told: of these officials those who may see its case, in the order given.
SELECT id, official FROM alert WHERE read_at IS NULL AND over_at IS NULL AND raised_at IS NULL AND kind = ANY(%(chased)s)
  AND coalesce(again_at, gathered_at) <= %(unread)s
ORDER BY coalesce(again_at, gathered_at), place LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: may_be_told
-- Which of these officials may see a case.
SELECT who FROM unnest(%(officials)s::text[]) who WHERE %(case)s::uuid IS NULL OR may_see(%(case)s, who, posts_of(who))

-- name: begin_alert_day
-- Whoever makes the row makes the day's digest.
INSERT INTO alert_day (day) VALUES (%(day)s) ON CONFLICT DO NOTHING RETURNING day

-- name: overtake_digests
-- Yesterday's counts are of no use beside today's.
UPDATE alert SET over_at = %(now)s WHERE id IN (
    SELECT id FROM alert WHERE kind = 'waiting' AND read_at IS NULL AND over_at IS NULL FOR UPDATE SKIP LOCKED
)

-- name: waiting_for
-- How much waits for the issuer's decision, as far as one official may see the cases.
SELECT (SELECT count(*) FROM case_record c
        WHERE c.stage IN ('registered', 'reviewed', 'reopened') AND may_see(c.id, %(me)s, posts_of(%(me)s))
          AND NOT coalesce((SELECT b.organisations ? %(own)s FROM case_bar b WHERE b.case_id = c.id), false)) AS reviews,
       (SELECT count(*) FROM assignment a
        WHERE a.stage = 'replied' AND a.issuer = %(own)s AND a.parent IS NULL AND may_see(a.case_id, %(me)s, posts_of(%(me)s))) AS replies,
       (SELECT count(*) FROM assignment a
        WHERE a.objected_at IS NOT NULL AND a.objection_decided_at IS NULL AND a.stage IN ('received', 'objected', 'progressed')
          AND a.issuer = %(own)s AND a.parent IS NULL AND may_see(a.case_id, %(me)s, posts_of(%(me)s))) AS objections,
       (SELECT count(*) FROM extension e JOIN assignment a ON a.id = e.assignment_id JOIN case_record c ON c.id = e.case_id
        WHERE e.stage = 'asked' AND a.issuer = %(own)s AND c.stage IN ('instructed', 'in_hand')
          AND may_see(e.case_id, %(me)s, posts_of(%(me)s))) AS extensions

-- name: deputies_now
-- Who reads for the first-in-command now.
SELECT DISTINCT deputy ->> 'official' AS official FROM delegation
WHERE starts_at <= %(now)s AND ends_at > %(now)s AND ended_at IS NULL

-- name: claim_alert_message
-- The message whose time came first, claimed for five minutes, so that no transaction stays open while a server is talked to.
UPDATE alert_message SET attempts = attempts + 1, next_attempt_at = %(now)s + interval '5 minutes'
WHERE id = (SELECT id FROM alert_message WHERE stage = 'waiting' AND next_attempt_at <= %(now)s
            ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, official, medium, alerts

-- name: alert_lines
-- What of a message is still to be said: not read, not overtaken, and his to know. The number of an open case alone.
SELECT a.kind, a.figures, CASE WHEN c.confidential THEN '' ELSE coalesce(c.number, '') END AS number
FROM alert a JOIN official o ON o.official = a.official AND o.active LEFT JOIN case_record c ON c.id = a.case_id
WHERE a.id = ANY(%(ids)s::uuid[]) AND a.read_at IS NULL AND a.over_at IS NULL
  AND (a.case_id IS NULL OR may_see(a.case_id, a.official, posts_of(a.official)))
ORDER BY a.place

-- name: alerts_of
-- What the reader was told, the latest first, with what was sent of it; also what was overtaken meanwhile.
SELECT a.id, a.kind, a.case_id, a.figures, a.at, a.gathered_at, a.read_at, a.over_at, a.again_at, a.raised_at, a.raised_to,
       CASE WHEN c.confidential THEN '' ELSE coalesce(c.number, '') END AS number,
       coalesce((SELECT jsonb_agg(jsonb_build_object('medium', m.medium, 'stage', m.stage, 'failure', m.failure,
                     'at', coalesce(m.ended_at, m.made_at)) ORDER BY m.made_at, m.medium)
                 FROM alert_message m WHERE m.official = a.official AND m.made_at >= a.at AND m.alerts ? a.id::text), '[]') AS sent
FROM alert a LEFT JOIN case_record c ON c.id = a.case_id
WHERE a.official = %(me)s AND (a.case_id IS NULL OR may_see(a.case_id, %(me)s, %(posts)s))
ORDER BY a.place DESC LIMIT %(limit)s

-- name: alerts_unread_count
-- How much of what the reader was told he has not opened.
SELECT count(*) AS n FROM alert a WHERE a.official = %(me)s AND a.read_at IS NULL AND a.over_at IS NULL
  AND (a.case_id IS NULL OR may_see(a.case_id, %(me)s, %(posts)s))

-- name: alert_seen
-- One alert of the reader.
SELECT a.id, a.kind, a.case_id, a.about FROM alert a
WHERE a.id = %(alert)s AND a.official = %(me)s AND (a.case_id IS NULL OR may_see(a.case_id, %(me)s, %(posts)s))

-- name: alerts_raised
-- What others left unread and the reader was told of, the latest first.
SELECT a.id, a.kind, a.case_id, a.official, coalesce(o.name, a.official) AS name, o.posts, a.at, a.again_at, a.raised_at, a.read_at,
       CASE WHEN c.confidential THEN '' ELSE coalesce(c.number, '') END AS number
FROM alert a LEFT JOIN official o ON o.official = a.official LEFT JOIN case_record c ON c.id = a.case_id
WHERE a.raised_to ->> 'official' = %(me)s AND a.over_at IS NULL AND (a.case_id IS NULL OR may_see(a.case_id, %(me)s, %(posts)s))
ORDER BY a.raised_at DESC, a.place DESC LIMIT %(limit)s

-- name: undelivered
-- Officials here who are told in vain: an address was refused for good, or of late a message was given up, and how often.
SELECT o.official, o.name, o.posts, c.mail, c.webhook, c.mail_failed, c.webhook_failed, count(m.id) AS given_up, max(m.ended_at) AS at
FROM official o JOIN contact c ON c.official = o.official
LEFT JOIN alert_message m ON m.official = o.official AND m.stage = 'failed' AND m.made_at > %(at)s - interval '30 days'
WHERE o.active GROUP BY o.official, c.official HAVING c.mail_failed <> '' OR c.webhook_failed <> '' OR count(m.id) > 0
ORDER BY max(m.ended_at) DESC NULLS LAST, o.official LIMIT %(limit)s

-- name: unreachable
-- Officials here who have alerts unread and no address at all.
SELECT o.official, o.name, o.posts, count(*) AS unread, min(a.at) AS since
FROM alert a JOIN official o ON o.official = a.official AND o.active LEFT JOIN contact c ON c.official = a.official
WHERE a.read_at IS NULL AND a.over_at IS NULL AND coalesce(c.mail, '') = '' AND coalesce(c.webhook, '') = ''
GROUP BY o.official ORDER BY min(a.at), o.official LIMIT %(limit)s

-- name: contacts
-- Where officials are told.
SELECT official, mail, webhook FROM contact
