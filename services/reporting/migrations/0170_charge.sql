-- depends: 0111_confidential
-- Who carries a case, or carried it until it was over: what he is to know of it he reads in its dossier.
CREATE TABLE case_charge (
    charge_id uuid PRIMARY KEY,
    case_id   uuid    NOT NULL,
    official  text    NOT NULL,
    lost      boolean NOT NULL         -- handed over, or he is to keep out
);
CREATE INDEX case_charge_case ON case_charge (case_id);
