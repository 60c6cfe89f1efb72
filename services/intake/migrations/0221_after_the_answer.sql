-- depends: 0220_rating
-- A further answer may be reviewed like the first one.
DROP INDEX review_request_level;
CREATE INDEX review_request_case ON review_request (case_id, asked_at);

-- Whose a petition was before the post changed hands: he does not read what its petitioner says of it afterwards.
ALTER TABLE access ADD COLUMN former jsonb NOT NULL DEFAULT '[]';

-- Who wrote down what a petitioner said at the counter, by telephone or by letter, and how he knows; null: the petitioner himself.
ALTER TABLE remark
    ADD COLUMN recorded_by jsonb,
    ADD COLUMN means       text CHECK (means IN ('written', 'oral', 'telephone')),
    ADD CHECK ((recorded_by IS NULL) = (means IS NULL));
