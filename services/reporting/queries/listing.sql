-- The case list. Parts named only_* and queue_* are conditions, put together by handlers/listing.py.

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

-- name: only_organisation
-- Cases of one organisation.
c.organisation = %(organisation)s

-- name: only_organisations
-- Cases of some organisations.
c.organisation = ANY(%(organisations)s)

-- name: only_category
-- Cases of one category; a hyphen asks for those of none, here and below.
coalesce(c.category, '-') = %(category)s

-- name: only_place
-- Cases from one township.
coalesce(nullif(left(c.place, 9), ''), '-') = %(place)s

-- name: only_owner
-- Cases that one unit answers for.
coalesce({who} ->> 'organisation', '-') = %(owner)s

-- name: only_leader
-- Cases that one official answers for.
coalesce({who} ->> 'official', '-') = %(leader)s

-- name: only_overdue
-- Cases that owe a reply or the conclusion since before now.
least(c.conclude_due_at, c.reply_due_at) <= %(now)s

-- name: only_period
-- Cases registered within a period.
c.registered_at >= %(start)s AND c.registered_at < %(end)s

-- name: text_sight
-- Where a reader may know no more than the number, all the words have to stand in that.
(({readable}) OR NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) w WHERE position(w IN lower(normalize(c.number, NFKC))) = 0))

-- name: text_holds
-- All the words stand in the number, title or brief.
t.grams @> %(grams)s::text[] AND NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) w WHERE position(w IN t.haystack) = 0)

-- name: only_text
-- Cases that hold the words, by the index of texts.
{text_sight} AND EXISTS (SELECT FROM case_text t WHERE t.case_id = c.case_id AND {text_holds})

-- name: only_text_along
-- The same, looked at case by case along an order: for words that so many cases hold that a page is full soon.
{text_sight} AND coalesce((SELECT true FROM case_text t WHERE t.case_id = c.case_id AND {text_holds}), false)

-- name: text_held
-- How many texts hold these, as far as is asked.
SELECT count(*) AS n FROM (SELECT FROM case_text WHERE grams @> %(grams)s::text[] LIMIT %(most)s) held

-- name: queue_review
-- Waiting for the first-in-command's instruction.
c.stage IN ('registered', 'reopened')

-- name: queue_receipt
-- Handed out, receipt not acknowledged.
c.stage = 'instructed'

-- name: queue_in_hand
-- In hand: statistics.IN_HAND.
c.stage IN ('registered', 'instructed', 'in_hand', 'reopened')

-- name: queue_received
-- Receipt acknowledged, not concluded.
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

-- name: count_some
-- How many cases of a condition hold the words, as far as is asked.
SELECT count(*) AS n FROM (
    SELECT FROM case_text t JOIN case_row c ON c.case_id = t.case_id WHERE {text_holds} AND {where} LIMIT %(most)s
) found

-- name: one
-- One case, if it meets a condition.
SELECT c.*, ({readable}) AS readable, o.name AS organisation_name FROM case_row c LEFT JOIN organisation o ON o.code = c.organisation
WHERE c.case_id = %(case)s AND ({where})

-- name: units_known
-- Units that have cases, for the filter: each is looked up behind the one before, so that this costs what the units are.
WITH RECURSIVE known AS (
    (SELECT unit FROM case_unit WHERE withdrawn_at IS NULL ORDER BY unit LIMIT 1)
    UNION ALL
    SELECT (SELECT u.unit FROM case_unit u WHERE u.withdrawn_at IS NULL AND u.unit > known.unit ORDER BY u.unit LIMIT 1)
    FROM known WHERE known.unit IS NOT NULL
)
SELECT known.unit AS code, coalesce(o.name, known.unit) AS name FROM known LEFT JOIN organisation o ON o.code = known.unit
WHERE known.unit IS NOT NULL ORDER BY 1
