-- depends: 0120_tally
-- What is late and what came last are found without reading every case.

-- The planner sees that what is owed by an instant is not null, and did not see it of the two instants apart.
DROP INDEX case_row_owed;
CREATE INDEX case_row_owed ON case_row (organisation, least(conclude_due_at, reply_due_at))
    WHERE least(conclude_due_at, reply_due_at) IS NOT NULL;
CREATE INDEX case_row_newest ON case_row (registered_at DESC NULLS LAST, number DESC, case_id);
