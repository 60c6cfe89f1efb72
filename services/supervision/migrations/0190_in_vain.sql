-- depends: 0180_scores
-- A case that went up is the superior's to conclude.
ALTER TABLE supervised_case ADD COLUMN referred boolean NOT NULL DEFAULT false;

-- That a review is decided is owed as well (arts. 35 and 36).
ALTER TABLE deadline
    DROP CONSTRAINT deadline_obligation_check,
    ADD CONSTRAINT deadline_obligation_check
        CHECK (obligation IN ('receive', 'objection', 'progress', 'reply', 'conclude', 'follow_up', 'review'));

-- A miss that turns out to have been none costs nobody anything; and what lists ask for is found without reading what is over.
ALTER TABLE score_occasion ADD COLUMN deadline_id uuid;            -- of a miss
CREATE INDEX score_occasion_deadline ON score_occasion (deadline_id) WHERE deadline_id IS NOT NULL;
CREATE INDEX score_occasion_unsettled ON score_occasion (case_id) WHERE kind = 'unsettled';

CREATE TABLE score_in_vain (
    deadline_id  uuid PRIMARY KEY REFERENCES deadline DEFERRABLE INITIALLY DEFERRED,
    case_id      uuid        NOT NULL,
    told         uuid        NOT NULL,               -- the event that says so
    corrected_at timestamptz                         -- when the book was put right
);
CREATE INDEX score_in_vain_waiting ON score_in_vain (deadline_id) WHERE corrected_at IS NULL;

-- What the system puts right stands under nobody's name.
ALTER TABLE score_entry DROP CONSTRAINT score_entry_check1, ADD CHECK (corrects IS NOT NULL OR by IS NULL);

CREATE INDEX deadline_missed ON deadline (case_id) WHERE stage = 'missed';
CREATE INDEX deadline_in_vain ON deadline (id)
    WHERE missed_at IS NOT NULL AND (stage = 'met' OR (stage = 'withdrawn' AND reason = 'moved'));
