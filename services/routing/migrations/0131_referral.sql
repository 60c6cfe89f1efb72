-- depends: 0130_recusal
-- What an instance may not instruct itself goes to its superior; and bars that travel with a case.

-- The superior's word on who is barred, kept apart from what the own intake told.
ALTER TABLE case_bar ADD COLUMN told_organisations jsonb NOT NULL DEFAULT '[]', ADD COLUMN told_officials jsonb NOT NULL DEFAULT '[]';
UPDATE case_bar SET told_organisations = complained_organisations, told_officials = complained_officials,
    complained_organisations = '[]', complained_officials = '[]'
WHERE case_id IN (SELECT id FROM case_record WHERE origin <> (SELECT org FROM platform.instance));

ALTER TABLE recusal DROP CONSTRAINT recusal_ground_check;
ALTER TABLE recusal ADD CHECK (ground IN ('party', 'kin', 'interest', 'handled', 'other', 'unstated', 'passed'));

ALTER TABLE case_record ADD COLUMN referred_from text;   -- the instance below that referred it up to this one

CREATE TABLE referral (
    case_id   uuid PRIMARY KEY,
    superior  text,                        -- whose instance it went to; null: on paper
    reference text        NOT NULL,        -- on paper: to whom, and the document's number
    by        jsonb       NOT NULL,
    at        timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON referral FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE INDEX referral_at ON referral (at);
