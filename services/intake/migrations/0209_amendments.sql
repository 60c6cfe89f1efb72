-- depends: 0120_reception
-- Corrections of visits' records. What was written first stays; each stands beside it, and is never edited.
CREATE TABLE visit_amendment (
    id       uuid        PRIMARY KEY,      -- the form's own key: sent twice it is one
    visit_id uuid        NOT NULL REFERENCES visit,
    words    bytea       NOT NULL,         -- what is said and answered now, and the reason; sealed under the visit's key
    made_at  timestamptz NOT NULL,
    made_by  jsonb       NOT NULL
);
CREATE INDEX visit_amendment_visit ON visit_amendment (visit_id);
