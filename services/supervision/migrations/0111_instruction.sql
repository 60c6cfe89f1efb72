-- depends: 0140_authority
-- What an instruction says beside its words: a limit of its own to the reply, and that it is confidential.
ALTER TABLE known_assignment ADD COLUMN limit_days integer CHECK (limit_days > 0);
ALTER TABLE deadline ADD COLUMN wanted_by timestamptz;                                     -- before anything moved
ALTER TABLE supervised_case
    ADD COLUMN confidential boolean NOT NULL DEFAULT false,
    ADD CHECK (title = '' OR NOT confidential);
