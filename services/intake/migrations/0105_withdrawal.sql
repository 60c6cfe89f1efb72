-- depends: 0104_bars
-- A withdrawal that staff recorded: who did, how the petitioner's wish was known, and why. Empty when the petitioner did it in person.
ALTER TABLE petition ADD COLUMN withdrawn_by jsonb, ADD COLUMN withdrawn_means text, ADD COLUMN withdrawn_reason text,
    ADD CHECK ((withdrawn_by IS NULL) = (withdrawn_means IS NULL) AND (withdrawn_by IS NULL) = (withdrawn_reason IS NULL));
