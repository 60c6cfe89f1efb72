-- depends: 0171_withdrawn
-- What somebody carries is looked up by him.
CREATE INDEX case_charge_official ON case_charge (official, case_id) WHERE NOT lost;
