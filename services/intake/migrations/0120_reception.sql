-- depends: 0106_originals
-- The reception calendar: rules, and the log of what was changed since. Sessions are computed from both.
CREATE TABLE reception_plan (
    id       integer PRIMARY KEY CHECK (id = 1),
    revision integer NOT NULL               -- whoever saves locks this row and says which revision was looked at
);
INSERT INTO reception_plan VALUES (1, 0);

CREATE TABLE reception_rule (
    id           uuid        PRIMARY KEY,
    kind         text        NOT NULL CHECK (kind IN ('fixed', 'rota')),
    officials    jsonb       NOT NULL,
    weekdays     jsonb       NOT NULL,
    weeks        jsonb       NOT NULL,
    starts       time        NOT NULL,
    ends         time        NOT NULL CHECK (ends > starts),
    slot_minutes integer     NOT NULL CHECK (slot_minutes > 0),
    room         text        NOT NULL,
    from_on      date        NOT NULL,
    until_on     date,
    made_by      jsonb       NOT NULL,
    made_at      timestamptz NOT NULL
);

CREATE TABLE reception_change (
    id               uuid        PRIMARY KEY,
    number           integer     NOT NULL UNIQUE,
    act              text        NOT NULL CHECK (act IN ('cancel', 'move', 'restore', 'swap', 'close_day', 'open_day')),
    rule             uuid        REFERENCES reception_rule,
    planned_on       date,
    other_rule       uuid        REFERENCES reception_rule,
    other_planned_on date,
    to_on            date,
    starts           time,
    room             text        NOT NULL,
    reason           text,
    name             text        NOT NULL,
    made_by          jsonb       NOT NULL,
    made_at          timestamptz NOT NULL,
    CHECK ((act IN ('close_day', 'open_day')) = (rule IS NULL)),
    CHECK ((act = 'swap') = (other_rule IS NOT NULL))
);

-- Visits: booked and without a booking. What a visitor is and says stands in `visit_sealed` alone, encrypted.
CREATE SEQUENCE visit_number;

CREATE TABLE visit (
    id               uuid        PRIMARY KEY,
    number           text        NOT NULL UNIQUE,
    idempotency_key  uuid        NOT NULL UNIQUE,      -- a form's own key: a retry finds its booking by it
    stage            text        NOT NULL,
    kind             text        NOT NULL CHECK (kind IN ('booked', 'walk_in')),
    session          uuid,                             -- of the calendar; none: whoever is at the counter
    slot             integer,
    held_on          date        NOT NULL,
    slot_at           timestamptz,
    group_size       integer     NOT NULL CHECK (group_size >= 1),
    made_at          timestamptz NOT NULL,
    made_by          jsonb,
    named_case       uuid        REFERENCES petition,
    told_sequence    integer     NOT NULL,
    ticket           integer,
    inside           integer     NOT NULL CHECK (inside BETWEEN 0 AND 5),   -- art. 20
    checked_in_at    timestamptz,
    called_at        timestamptz,
    begun_at         timestamptz,
    ended_at         timestamptz,
    planned_official text        NOT NULL,
    received_by      jsonb,
    recorded_by      jsonb,
    outcome          text        CHECK (outcome IN ('answered', 'registered', 'linked', 'refused')),
    case_id          uuid        REFERENCES petition,
    CHECK ((slot IS NULL) OR (session IS NOT NULL AND slot_at IS NOT NULL)),
    CHECK ((stage = 'done') = (outcome IS NOT NULL))
);
CREATE UNIQUE INDEX visit_place ON visit (session, slot) WHERE slot IS NOT NULL AND stage <> 'cancelled';
CREATE UNIQUE INDEX visit_ticket ON visit (held_on, ticket) WHERE ticket IS NOT NULL;
CREATE INDEX visit_day ON visit (held_on);
CREATE INDEX visit_case ON visit (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX visit_named_case ON visit (named_case) WHERE named_case IS NOT NULL;
CREATE TRIGGER guard_stage BEFORE UPDATE OF stage ON visit FOR EACH ROW EXECUTE FUNCTION guard_stage('visit');

CREATE TABLE visit_sealed (
    visit_id    uuid  PRIMARY KEY REFERENCES visit,
    fingerprint bytea NOT NULL,         -- keyed hash of what was sent: tells a retry from another booking
    code_hash   text  NOT NULL,         -- SHA-256 of the secret code
    data_key    bytea NOT NULL,         -- wrapped by the master key
    identity    bytea NOT NULL,         -- name, telephone, representatives, and the code for a receipt that is shown again
    matter      bytea NOT NULL,
    record      bytea,                  -- what was said and answered
    phone_index bytea
);
CREATE INDEX visit_sealed_phone ON visit_sealed (phone_index) WHERE phone_index IS NOT NULL;

CREATE TABLE ticket_roll (
    held_on date    PRIMARY KEY,
    last    integer NOT NULL            -- of the day's tickets, which count from 1
);
