-- What each figure counts, and what stands behind it: the same conditions as in domain/statistics.py.

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

-- name: figure_accepted
-- statistics.accepted
(c.accepted_at >= %(start)s AND c.accepted_at < %(end)s)

-- name: figure_withdrawn
-- statistics.withdrawn
(c.withdrawn_at >= %(start)s AND c.withdrawn_at < %(end)s)

-- name: figure_repeat
-- Registered within the period and found to repeat an earlier case. Whoever is barred from that one learns nothing of it.
(c.registered_at >= %(start)s AND c.registered_at < %(end)s AND c.repeat_of <> '[]' AND %(everything)s AND c.organisation = %(own)s)
AND NOT EXISTS (
    SELECT FROM case_bar b WHERE c.repeat_of ? b.case_id::text AND (b.officials ? %(me)s OR b.organisations ?| %(posts)s)
)

-- name: figure_answered
-- What petitioners said within the period. Single answers are not for those about whose work was asked (decision 14).
%(everything)s AND c.organisation = %(own)s AND EXISTS (
    SELECT FROM answer a WHERE a.case_id = c.case_id AND a.organisation = c.organisation
      AND a.answered_at >= %(start)s AND a.answered_at < %(end)s AND a.result IN ({results}) AND a.source = {source}
)
AND c.case_id NOT IN ({worked})

-- name: figure_contested
-- What staff had recorded as satisfied was contested within the period.
%(everything)s AND c.organisation = %(own)s AND EXISTS (
    SELECT FROM answer a WHERE a.case_id = c.case_id AND a.organisation = c.organisation
      AND a.contested_at >= %(start)s AND a.contested_at < %(end)s
)
AND c.case_id NOT IN ({worked})

-- name: worked
-- The cases on which a reader ever worked: he was responsible or carried it, or one of his units was responsible; the same as
-- domain/dossier.took_part. Who had it before a hand-over, the archive alone tells.
SELECT u.case_id FROM case_unit u WHERE u.official = %(me)s
UNION ALL SELECT u.case_id FROM case_unit u WHERE u.unit = ANY(%(workplaces)s)
UNION ALL SELECT r.subject::uuid FROM received r CROSS JOIN LATERAL (SELECT convert_from(r.body, 'UTF8')::jsonb -> 'data' AS told) AS d
WHERE r.name IN ('assignment.handed_over', 'charge.taken') AND (
    %(me)s IN (told -> 'from' ->> 'official', told -> 'to' ->> 'official', told -> 'leader' ->> 'official')
    OR told -> 'from' ->> 'organisation' = ANY(%(workplaces)s) OR told -> 'to' ->> 'organisation' = ANY(%(workplaces)s)
)

-- name: tally
-- How often each figure counts from one day to another, under each value of a dimension. Of limits only those that ran out
-- before a day: the rest of it is counted from the rows.
SELECT value, figure, sum(n) AS n, coalesce(sum(n) FILTER (WHERE done <= %(done)s), 0) AS done FROM tally
WHERE organisation = %(organisation)s AND dimension = %(dimension)s AND day BETWEEN %(first)s AND %(last)s
  AND (figure NOT IN ('due_reply', 'due_closing') OR day < %(open_day)s)
GROUP BY value, figure

-- name: tally_by_day
-- How often some figures count on each day of a period, all cases of an organisation together.
SELECT day, figure, sum(n) AS n FROM tally
WHERE organisation = %(organisation)s AND dimension = 'all' AND day BETWEEN %(first)s AND %(last)s AND figure = ANY(%(figures)s)
GROUP BY day, figure

-- name: tallied
-- Whose cases there are figures of.
SELECT DISTINCT organisation FROM tally WHERE dimension = 'all' AND day = %(standing)s ORDER BY 1

-- name: rows_due
-- The cases of an organisation of which a limit fell due after one instant and by another.
SELECT {columns} FROM case_row WHERE organisation = %(organisation)s AND number IS NOT NULL AND (
    (reply_limit_at > %(start)s AND reply_limit_at <= %(cut_off)s) OR (conclude_limit_at > %(start)s AND conclude_limit_at <= %(cut_off)s)
)

-- name: rows_barred
-- The cases of an organisation that a reader never sees.
SELECT {columns} FROM case_row WHERE organisation = %(organisation)s AND case_id IN (
    SELECT case_id FROM case_bar WHERE officials ? %(me)s OR organisations ?| %(posts)s
)

-- name: rows_repeating_barred
-- The cases of an organisation that repeat one that a reader never sees.
SELECT {columns} FROM case_row WHERE organisation = %(organisation)s AND repeat_of <> '[]' AND EXISTS (
    SELECT FROM case_bar b WHERE repeat_of ? b.case_id::text AND (b.officials ? %(me)s OR b.organisations ?| %(posts)s)
)

-- name: of_period
-- Of which anything counts in a period, or that are open now. Each way to be one has its index, so that this costs what the period
-- holds and not what the county holds.
c.case_id IN (
    SELECT case_id FROM case_row WHERE organisation = ANY(%(whose)s) AND registered_at >= %(start)s AND registered_at < %(end)s
    UNION ALL SELECT case_id FROM case_row WHERE organisation = ANY(%(whose)s) AND accepted_at >= %(start)s AND accepted_at < %(end)s
    UNION ALL SELECT case_id FROM case_row WHERE organisation = ANY(%(whose)s) AND replied_at >= %(start)s AND replied_at < %(end)s
    UNION ALL SELECT case_id FROM case_row WHERE organisation = ANY(%(whose)s) AND concluded_at >= %(start)s AND concluded_at < %(end)s
    UNION ALL SELECT case_id FROM case_row WHERE organisation = ANY(%(whose)s) AND closed_at >= %(start)s AND closed_at < %(end)s
    UNION ALL SELECT case_id FROM case_row WHERE organisation = ANY(%(whose)s) AND withdrawn_at >= %(start)s AND withdrawn_at < %(end)s
    UNION ALL SELECT case_id FROM case_row WHERE organisation = ANY(%(whose)s) AND reply_limit_at > %(start)s AND reply_limit_at <= %(cut_off)s
    UNION ALL SELECT case_id FROM case_row WHERE organisation = ANY(%(whose)s) AND conclude_limit_at > %(start)s AND conclude_limit_at <= %(cut_off)s
    UNION ALL SELECT case_id FROM instruction WHERE organisation = ANY(%(whose)s) AND instructed_at >= %(start)s AND instructed_at < %(end)s
    UNION ALL SELECT case_id FROM case_row WHERE organisation = ANY(%(whose)s) AND stage = ANY(%(open)s)
)

-- name: rows_worked
-- The cases of an organisation of which petitioners said something, and on which a reader worked.
SELECT {columns} FROM case_row WHERE organisation = %(organisation)s AND case_id IN (SELECT case_id FROM answer)
  AND case_id IN ({worked})

-- name: rows_seen
-- The cases that a reader sees and of which anything counts in a period, or now.
SELECT {columns} FROM case_row c WHERE {where} AND {of_period}

-- name: times
-- How long it took, in seconds: the median and the 90th percentile over the cases of a condition for which it is over.
SELECT step, count(*) AS n, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM till - since)) AS seconds
FROM case_row c, LATERAL (VALUES {timed}) AS t (step, since, till)
WHERE {where} AND c.registered_at >= %(start)s AND c.registered_at < %(end)s AND till >= since
GROUP BY step

-- name: figure_took
-- Registered within the period, and a step that is timed is over: from {since} until {till}, the same as in `times`.
(c.registered_at >= %(start)s AND c.registered_at < %(end)s AND {till} >= {since})

-- name: late
-- Who answers for what is owed since before now, those with the most first.
SELECT c.responsible ->> 'official' AS official, min(c.responsible ->> 'name') AS name, min(c.responsible ->> 'post') AS post,
       c.responsible ->> 'organisation' AS unit, count(*) AS n, min(least(c.conclude_due_at, c.reply_due_at)) AS since
FROM case_row c WHERE {where} AND least(c.conclude_due_at, c.reply_due_at) <= %(now)s AND c.responsible IS NOT NULL
GROUP BY 1, 4 ORDER BY n DESC, since, 1 LIMIT %(limit)s

-- name: held
-- Each interview with the cases that it was about, from the archive: it is of one person and told of each. Whoever is kept from one of
-- them is told of none.
SELECT array_agg(subject::uuid) AS cases
FROM received CROSS JOIN LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS told) AS r
WHERE name = 'interview.held' AND occurred_at >= %(start)s AND stream LIKE '/' || %(own)s || '/supervision %%'
  AND (told -> 'data' ->> 'held_at')::timestamptz >= %(start)s AND (told -> 'data' ->> 'held_at')::timestamptz < %(cut_off)s
GROUP BY told -> 'data' ->> 'interview_id'
HAVING NOT bool_or(subject IN (SELECT case_id::text FROM case_bar WHERE officials ? %(me)s OR organisations ?| %(posts)s::text[]))

-- name: interviews_held
-- Person-times.
SELECT count(*) AS n FROM ({held}) AS h

-- name: figure_interviewed
-- What they were about.
%(everything)s AND c.case_id IN (SELECT unnest(h.cases) FROM ({held}) AS h)
