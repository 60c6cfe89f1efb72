-- The office's periods. The row that runs is the one that ends; its end begins the next.

-- name: begin_period
-- A period that runs from now on, unless it is known.
INSERT INTO period (kind, first, last, number, until) VALUES (%(kind)s, %(first)s, %(last)s, %(number)s, %(until)s) ON CONFLICT DO NOTHING

-- name: kinds_running
-- The kinds of which a period is known.
SELECT DISTINCT kind FROM period

-- name: end_periods
-- Periods that are over, ended: each by whoever comes first, and by nobody else.
WITH claimed AS MATERIALIZED (
    SELECT kind, first FROM period WHERE ended_at IS NULL AND until <= %(now)s ORDER BY until, kind FOR UPDATE SKIP LOCKED
)
UPDATE period p SET ended_at = %(now)s, late = %(now)s - p.until > make_interval(secs => %(late_after)s)
FROM claimed WHERE p.kind = claimed.kind AND p.first = claimed.first AND p.ended_at IS NULL
RETURNING p.kind, p.first, p.last, p.number, p.until, p.ended_at, p.late

-- name: periods
-- The latest periods of each kind, those that run first.
SELECT kind, first, last, number, until, ended_at, late FROM (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY first DESC) AS place FROM period
) ranked WHERE place <= 4 ORDER BY kind, first DESC
