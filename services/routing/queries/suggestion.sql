-- name: rules
-- The rules in their order, read without a lock.
SELECT id, position, organisation, category, place, channel, keywords, every_keyword, active, note, revision
FROM routing_rule ORDER BY position, id

-- name: lock_rules
-- Changes of the rules follow each other: what is checked is the whole list.
LOCK TABLE routing_rule IN SHARE ROW EXCLUSIVE MODE

-- name: remove_rule
-- A rule is gone; what it said stands in rule_change.
DELETE FROM routing_rule WHERE id = %(id)s

-- name: rule_changes
-- What was changed last.
SELECT rule_id, action, number, says, by, at FROM rule_change ORDER BY at DESC, number, id DESC LIMIT %(limit)s

-- name: category_codes
-- The categories that cases have here, the most frequent first.
SELECT category FROM case_record WHERE category <> '' GROUP BY category ORDER BY count(*) DESC, category LIMIT 200

-- name: past_assignments
-- Who was told to handle what in first rounds, the newest first. Not where an objection was upheld or a conflict came up, and no
-- case that somebody is barred from: there the usual unit may be the one complained of; and no confidential one, for what is learnt
-- shows words.
SELECT c.id, c.title, c.brief, c.category, c.place, c.channel, array_agg(DISTINCT a.responsible ->> 'organisation') AS units
FROM assignment a JOIN case_record c ON c.id = a.case_id
WHERE a.round = 1 AND a.issuer = %(own)s AND a.part IN ('handling', 'lead')
  AND NOT (a.stage = 'withdrawn' AND (a.withdrawn_reason IN ('objection_upheld', 'conflict') OR a.objected_at IS NOT NULL))
  AND NOT c.confidential
  AND NOT EXISTS (SELECT FROM case_bar b WHERE b.case_id = c.id AND (b.organisations <> '[]' OR b.officials <> '[]'))
GROUP BY c.id ORDER BY min(a.issued_at) DESC, c.id LIMIT %(limit)s

-- name: last_learned
-- Which training is in use.
SELECT id FROM learned WHERE model IS NOT NULL ORDER BY version DESC LIMIT 1

-- name: learned_model
-- What a training taught, and how the rules would have done.
SELECT model, records FROM learned WHERE id = %(id)s

-- name: trainings
-- The last trainings and how well they did.
SELECT version, trained_at, cases, units, words, held_out, accuracy, seconds, memory_mb, model IS NOT NULL AS in_use
FROM learned ORDER BY version DESC LIMIT %(limit)s

-- name: lock_learned
-- Trainings are numbered one after the other.
LOCK TABLE learned IN SHARE ROW EXCLUSIVE MODE

-- name: add_learned
-- A training; what earlier ones taught is let go.
WITH earlier AS (UPDATE learned SET model = NULL WHERE model IS NOT NULL)
INSERT INTO learned (id, version, trained_at, cases, units, words, held_out, accuracy, records, seconds, memory_mb, model)
SELECT %(id)s, coalesce(max(version), 0) + 1, %(now)s, %(cases)s, %(units)s, %(words)s, %(held_out)s, %(accuracy)s, %(records)s, %(seconds)s,
       %(memory)s, %(model)s
FROM learned RETURNING version
