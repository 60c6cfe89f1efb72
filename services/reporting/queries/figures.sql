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

-- name: instructions
-- How many instructions were given in a period on the cases of a condition.
SELECT count(*) AS n FROM instruction i JOIN case_row c ON c.case_id = i.case_id
WHERE i.organisation = c.organisation AND i.instructed_at >= %(start)s AND i.instructed_at < %(end)s AND ({where})
