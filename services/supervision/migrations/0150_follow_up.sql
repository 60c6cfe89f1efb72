-- depends: 0140_authority
-- That the petitioner is asked after the conclusion is owed as well.
ALTER TABLE deadline
    DROP CONSTRAINT deadline_obligation_check,
    ADD CONSTRAINT deadline_obligation_check
        CHECK (obligation IN ('receive', 'objection', 'progress', 'reply', 'conclude', 'follow_up'));
