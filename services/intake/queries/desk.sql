-- The clerk's lists.

-- name: desk_counts
-- How many petitions wait for a brief and for acceptance, to how many something was added, how many
-- mails could not be read, and on how many cases there is new mail.
SELECT count(*) FILTER (WHERE p.brief = '') AS unbriefed,
       count(*) FILTER (WHERE p.accepted_at IS NULL AND p.stage IN ('registered', 'handling')) AS unaccepted,
       (SELECT count(DISTINCT s.case_id) FROM supplement s WHERE s.taken_up_at IS NULL
        AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = s.case_id AND b.code = ANY(%(codes)s))) AS supplemented,
       (SELECT count(*) FROM unread_mail WHERE stage = 'waiting') AS unread,
       (SELECT count(DISTINCT c.case_id) FROM correspondence c WHERE c.seen_at IS NULL
        AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = c.case_id AND b.code = ANY(%(codes)s))) AS mailed
FROM petition p
WHERE (p.brief = '' OR p.accepted_at IS NULL) AND p.stage IN ('registered', 'accepted', 'handling')
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s))

-- name: desk
-- A page of petitions of one queue that meet the filters, with the count of all; never one that the reader is barred from.
SELECT p.id, p.number, p.stage, p.channel, p.matter_type, p.category, p.place, p.identity, p.group_size, p.title, p.brief, p.received_at,
       p.registered_at, p.accepted_at, p.conflict_set_at, p.imported_at, count(*) OVER () AS total
FROM petition p
WHERE CASE %(queue)s WHEN 'unbriefed' THEN p.brief = '' AND p.stage IN ('registered', 'accepted', 'handling')
                     WHEN 'unaccepted' THEN p.accepted_at IS NULL AND p.stage IN ('registered', 'handling')
                     WHEN 'supplemented' THEN EXISTS (SELECT FROM supplement s WHERE s.case_id = p.id AND s.taken_up_at IS NULL)
                     WHEN 'mailed' THEN EXISTS (SELECT FROM correspondence c WHERE c.case_id = p.id AND c.seen_at IS NULL)
                     WHEN 'repeat' THEN EXISTS (
                         SELECT FROM link l WHERE l.case_id = p.id AND l.relation = 'repeat_of' AND l.stage = 'linked' AND NOT EXISTS (
                             SELECT FROM bar_in_force b WHERE b.case_id = l.other_id AND b.code = ANY(%(codes)s)))
                     ELSE true END
  AND (%(q)s = '' OR p.number ILIKE %(like)s OR p.title ILIKE %(like)s)
  AND (%(channel)s = '' OR p.channel = %(channel)s) AND (%(stage)s = '' OR p.stage = %(stage)s)
  AND (%(category)s = '' OR p.category = %(category)s OR starts_with(p.category, %(category)s || '.')) AND (%(place)s = '' OR p.place = %(place)s)
  AND (%(since)s::timestamptz IS NULL OR p.registered_at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR p.registered_at < %(until)s)
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s))
ORDER BY p.registered_at DESC, p.number DESC LIMIT %(limit)s OFFSET %(offset)s

-- name: repeats
-- How many petitions are a repeat of another, as the list of them counts.
SELECT count(DISTINCT l.case_id) AS n FROM link l
WHERE l.relation = 'repeat_of' AND l.stage = 'linked'
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id IN (l.case_id, l.other_id) AND b.code = ANY(%(codes)s))

-- name: case_of_number
-- The case of a number; none that the reader is barred from.
SELECT p.id FROM petition p WHERE p.number = %(number)s
  AND NOT EXISTS (SELECT FROM bar_in_force b WHERE b.case_id = p.id AND b.code = ANY(%(codes)s))
