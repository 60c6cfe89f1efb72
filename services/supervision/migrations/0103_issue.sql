-- depends: 0101_deadlines
-- What the issue of an assignment settled, so that what is told of it later can be held against that.
ALTER TABLE known_assignment
    ADD COLUMN issuer    text,
    ADD COLUMN tellers   jsonb,         -- the instances that may speak for the person responsible
    ADD COLUMN issued_at timestamptz,
    ADD COLUMN replies   jsonb NOT NULL DEFAULT '[]';   -- ids of the replies known already

-- Of assignments that are known already this is as good as certain: in a superior's case, what lies with the instance's
-- own organisation came from the superior; everything else is its own, and is told by itself or by the unit's instance.
UPDATE known_assignment k SET
    issuer = CASE WHEN down.came THEN down.superior ELSE down.org END,
    tellers = CASE WHEN down.came THEN jsonb_build_array(down.org)
                   ELSE jsonb_build_array(down.org, k.responsible ->> 'organisation') END,
    issued_at = coalesce((SELECT min(started_at) FROM deadline d WHERE d.assignment_id = k.id), 'epoch')
FROM (
    SELECT a.id, i.org, o.superior,
           NOT c.ours AND a.responsible ->> 'organisation' = i.org AND o.superior IS NOT NULL AS came
    FROM known_assignment a JOIN supervised_case c ON c.id = a.case_id CROSS JOIN platform.instance i
    LEFT JOIN organisation o ON o.code = i.org
) down
WHERE down.id = k.id;

ALTER TABLE known_assignment
    ALTER COLUMN issuer SET NOT NULL, ALTER COLUMN tellers SET NOT NULL, ALTER COLUMN issued_at SET NOT NULL;
