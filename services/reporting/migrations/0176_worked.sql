-- depends: 0175_told_steps
-- Who ever worked on a case is looked up by him and by his units, also where it was withdrawn since, or is in other hands.
DROP INDEX case_unit_official;
CREATE INDEX case_unit_official ON case_unit (official, case_id);
DROP INDEX case_unit_unit;
CREATE INDEX case_unit_unit ON case_unit (unit, case_id);
CREATE INDEX received_worked ON received (subject) WHERE name IN ('assignment.handed_over', 'charge.taken');
