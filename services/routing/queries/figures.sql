-- name: waiting_figures
-- How many cases wait for an instruction, for how many seconds the oldest has waited that nobody has read in this round, and the
-- oldest message to an official.
SELECT count(*) AS cases, coalesce(extract(epoch FROM %(now)s - min(queued_at) FILTER (WHERE read_at IS NULL)), 0) AS unread,
       (SELECT coalesce(extract(epoch FROM %(now)s - min(made_at)), 0) FROM alert_message WHERE stage = 'waiting') AS message
FROM case_record WHERE stage IN ('registered', 'reviewed', 'reopened')
