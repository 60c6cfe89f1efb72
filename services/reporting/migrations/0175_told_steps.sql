-- depends: 0171_withdrawn
-- What agencies were last told of each case's steps: whoever adds up what he was told adds up these days. Of a case that is told no
-- further they stay what they were, so a month's count is held against what was told and not against the cases that ever were.
ALTER TABLE published_case ADD COLUMN read_on date, ADD COLUMN concluded_on date, ADD COLUMN closed_on date;

UPDATE published_case p
SET read_on = (t.data ->> 'read_on')::date, concluded_on = (t.data ->> 'concluded_on')::date, closed_on = (t.data ->> 'closed_on')::date
FROM (
    SELECT DISTINCT ON (subject) subject, (convert_from(draft, 'UTF8') || '}')::jsonb -> 'data' AS data
    FROM event_log WHERE name LIKE 'public.%' AND name <> 'public.figures.counted' ORDER BY subject, id DESC
) t
WHERE t.subject = p.public_id::text;
