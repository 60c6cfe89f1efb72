-- depends: 0170_charge
-- A period's report finds the few that were withdrawn within it.
CREATE INDEX case_row_withdrawn ON case_row (organisation, withdrawn_at) WHERE withdrawn_at IS NOT NULL;
