-- depends: 0130_duty 0104_bars
-- Who is kept from which case, whoever says so: the one place that knows what a bar in force is. A view, because the planner sees
-- through it; what it would make of a function is a call for each row.
CREATE VIEW bar_in_force AS SELECT case_id, code, named FROM bar WHERE named OR told;

CREATE OR REPLACE FUNCTION call_barred(call_in_question uuid, codes text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM bar_in_force b WHERE b.code = ANY(codes) AND b.case_id IN (
            SELECT c.case_id FROM call c WHERE c.id = call_in_question
            UNION ALL
            SELECT c.case_id FROM call_sealed own JOIN call_sealed other ON other.number_index = own.number_index
                                                  JOIN call c ON c.id = other.call_id WHERE own.call_id = call_in_question
            UNION ALL
            SELECT p.case_id FROM call_sealed own JOIN sealed p ON p.phone_index = own.number_index
            WHERE own.call_id = call_in_question))
$$;
