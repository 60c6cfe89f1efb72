-- Statements of reporting. `c` is case_row. Parts named only_* and figure_* are conditions, put together by listing.py.

-- name: visible
-- What a reader may see: never a case from which he or his organisation is barred; of the rest the whole instance's for
-- those whose work that is, what was assigned to him, or to his unit, and not withdrawn since, and what he carries.
c.number IS NOT NULL
AND NOT EXISTS (
    SELECT FROM case_bar b WHERE b.case_id = c.case_id AND (b.officials ? %(me)s OR b.organisations ?| %(posts)s)
)
AND (
    (%(everything)s AND c.organisation = %(own)s)
    OR EXISTS (SELECT FROM case_charge k WHERE k.case_id = c.case_id AND k.official = %(me)s AND NOT k.lost)
    OR EXISTS (
        SELECT FROM case_unit u WHERE u.case_id = c.case_id AND u.withdrawn_at IS NULL
          AND (u.official = %(me)s OR u.unit = ANY(%(units)s)
               -- A superior's case that was handed to somebody of this instance is this instance's business.
               OR (%(everything)s AND u.unit LIKE %(own)s || '%%' AND c.organisation NOT LIKE %(own)s || '%%'))
    )
)

-- name: readable
-- Whose it is to read what a case is about: everybody's who may see it; a confidential one's the persons responsible and, in the
-- instance whose case it is, the first-in-command's and the office's.
NOT c.confidential
OR (%(keeps)s AND c.organisation = %(own)s)
OR EXISTS (SELECT FROM case_unit u WHERE u.case_id = c.case_id AND u.withdrawn_at IS NULL AND u.official = %(me)s)

-- name: instance
-- What the whole instance's figures count: its own cases, handed out to nobody else's eyes.
c.number IS NOT NULL AND c.organisation = %(own)s

-- name: only_stage
-- Cases at one stage.
c.stage = %(stage)s

-- name: only_channel
-- Cases that came by one channel.
c.channel = %(channel)s

-- name: only_class
-- Ordinary or complex cases.
c.case_class = %(class_)s

-- name: only_unit
-- Cases that one unit has now.
EXISTS (SELECT FROM case_unit u WHERE u.case_id = c.case_id AND u.withdrawn_at IS NULL AND u.unit = %(unit)s)

-- name: only_overdue
-- Cases that owe a reply or the conclusion since before now.
least(c.conclude_due_at, c.reply_due_at) <= %(now)s

-- name: only_period
-- Cases registered within a period.
c.registered_at >= %(start)s AND c.registered_at < %(end)s

-- name: only_text
-- Cases in whose number, title or brief all the words stand.
({readable}) AND EXISTS (
    SELECT FROM case_text t WHERE t.case_id = c.case_id AND t.grams @> %(grams)s::text[]
      AND NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) w WHERE position(w IN t.haystack) = 0)
)

-- name: queue_review
-- Waiting for the first-in-command's instruction.
c.stage IN ('registered', 'reopened')

-- name: queue_receipt
-- Handed out, receipt not acknowledged.
c.stage = 'instructed'

-- name: queue_in_hand
-- In hand.
c.stage = 'in_hand'

-- name: queue_reply
-- A signed reply waits for the verdict.
c.reply_waiting AND c.stage IN ('instructed', 'in_hand')

-- name: queue_overdue
-- Owed since before now.
least(c.conclude_due_at, c.reply_due_at) <= %(now)s

-- name: queue_followup
-- Concluded, the petitioner is being asked.
c.stage = 'concluded'

-- name: queue_closed
-- Closed or archived.
c.stage IN ('closed', 'archived')

-- name: figure_registered
-- statistics.registered
(c.registered_at >= %(start)s AND c.registered_at < %(end)s)

-- name: figure_replied
-- statistics.replied
(c.replied_at >= %(start)s AND c.replied_at < %(end)s)

-- name: figure_concluded
-- statistics.concluded
(c.concluded_at >= %(start)s AND c.concluded_at < %(end)s)

-- name: figure_closed
-- statistics.closed
(c.closed_at >= %(start)s AND c.closed_at < %(end)s)

-- name: figure_due_reply
-- statistics.due_reply
(c.reply_limit_at > %(start)s AND c.reply_limit_at <= %(cut_off)s)

-- name: figure_due_reply_done
-- statistics.due_reply_done
(c.reply_limit_at > %(start)s AND c.reply_limit_at <= %(cut_off)s AND c.replied_at <= %(cut_off)s)

-- name: figure_due_closing
-- statistics.due_closing
(c.conclude_limit_at > %(start)s AND c.conclude_limit_at <= %(cut_off)s)

-- name: figure_due_closing_done
-- statistics.due_closing_done
(c.conclude_limit_at > %(start)s AND c.conclude_limit_at <= %(cut_off)s AND c.closed_at <= %(cut_off)s)

-- name: figure_instructed
-- statistics.instructed
EXISTS (
    SELECT FROM instruction i WHERE i.case_id = c.case_id AND i.organisation = c.organisation
      AND i.instructed_at >= %(start)s AND i.instructed_at < %(end)s
)

-- name: instructions
-- How many instructions were given in a period on the cases of a condition.
SELECT count(*) AS n FROM instruction i JOIN case_row c ON c.case_id = i.case_id
WHERE i.organisation = c.organisation AND i.instructed_at >= %(start)s AND i.instructed_at < %(end)s AND ({where})

-- name: list
-- One page of the cases of a condition, in an order.
SELECT c.case_id, c.organisation, o.name AS organisation_name, c.number, c.channel, c.matter_type, c.category, c.place,
       CASE WHEN {readable} THEN c.title END AS title, CASE WHEN {readable} THEN c.brief END AS brief, c.confidential,
       c.case_class, c.stage, c.round, c.responsible, r.name AS responsible_unit, c.reply_waiting, c.registered_at, c.reviewed_at,
       c.dispatched_at, c.received_at, c.replied_at, c.concluded_at, c.closed_at, c.archived_at, c.outcome,
       least(c.conclude_due_at, c.reply_due_at) AS due_at
FROM case_row c
LEFT JOIN organisation o ON o.code = c.organisation
LEFT JOIN organisation r ON r.code = c.responsible ->> 'organisation'
WHERE {where}
ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s

-- name: count
-- How many cases there are of a condition, and of further ones among them.
SELECT {counts} FROM case_row c WHERE {where}

-- name: one
-- One case, if it meets a condition.
SELECT c.*, ({readable}) AS readable, o.name AS organisation_name FROM case_row c LEFT JOIN organisation o ON o.code = c.organisation
WHERE c.case_id = %(case)s AND ({where})

-- name: archive
-- Everything that was received about a case.
SELECT event_id, stream, body FROM received WHERE subject = %(case)s ORDER BY id

-- name: names
-- What organisations are called.
SELECT code, name, name_en FROM organisation

-- name: units_known
-- Units that have cases, for the filter.
SELECT DISTINCT u.unit AS code, coalesce(o.name, u.unit) AS name FROM case_unit u LEFT JOIN organisation o ON o.code = u.unit
WHERE u.withdrawn_at IS NULL ORDER BY 1

-- name: posts
-- The posts of an official, each with the organisation in whose instance it works: the nearest upwards that has one.
WITH RECURSIVE post AS (
    SELECT n, p ->> 'organisation' AS organisation, p -> 'roles' AS roles
    FROM official, jsonb_array_elements(posts) WITH ORDINALITY AS e (p, n) WHERE official = %(me)s AND active
), up AS (
    SELECT n, organisation AS code, 0 AS depth FROM post
    UNION ALL
    SELECT up.n, o.superior, depth + 1 FROM up JOIN organisation o ON o.code = up.code
    WHERE NOT o.has_instance AND o.superior IS NOT NULL AND depth < 20
)
SELECT post.organisation, post.roles,
       coalesce((SELECT o.code FROM up JOIN organisation o ON o.code = up.code WHERE up.n = post.n AND o.has_instance
                 ORDER BY depth LIMIT 1), %(own)s) AS instance
FROM post ORDER BY post.n

-- name: note_reading
-- An official opened a dossier.
INSERT INTO reading VALUES (%(case)s, %(me)s, %(now)s, %(now)s)
ON CONFLICT (case_id, official) DO UPDATE SET last_at = greatest(reading.last_at, excluded.last_at)

-- name: note_export
-- An official took a list away as a file.
INSERT INTO export (official, name, post, organisation, filter, cases, exported_at)
VALUES (%(official)s, %(name)s, %(post)s, %(organisation)s, %(filter)s, %(cases)s::uuid[], %(now)s)

-- name: note_exported
-- Each case in the file was read by whoever took it away.
INSERT INTO reading SELECT unnest(%(cases)s::uuid[]), %(me)s, %(now)s, %(now)s
ON CONFLICT (case_id, official) DO UPDATE SET last_at = greatest(reading.last_at, excluded.last_at)

-- name: exports
-- A page of the log of exports, the latest first, with the count of all. What was searched for may name a case: of a file
-- with a case from which the reader is barred, the filter is not told.
SELECT e.id, e.official, e.name, e.post, e.organisation, e.exported_at, cardinality(e.cases) AS rows,
       CASE WHEN NOT EXISTS (
           SELECT FROM case_bar b WHERE b.case_id = ANY(e.cases) AND (b.officials ? %(me)s OR b.organisations ?| %(posts)s)
       ) THEN e.filter END AS filter, count(*) OVER () AS total
FROM export e WHERE %(who)s = '' OR e.official = %(who)s OR e.name = %(who)s
ORDER BY e.id DESC LIMIT %(limit)s OFFSET %(offset)s

-- name: received_after
-- The next events of the archive, in the order in which they took effect.
SELECT id, stream, body FROM received
WHERE id > %(after)s AND (%(up_to)s::bigint IS NULL OR id <= %(up_to)s) ORDER BY id LIMIT %(limit)s
