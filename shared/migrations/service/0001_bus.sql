-- What every service's schema has: the one log, the inbox, the parked events, the guard of stages.

-- History, outbox and archive at once. A row is written once and sealed once; the service's role may do no more.
CREATE TABLE event_log (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id    uuid        NOT NULL,
    name        text        NOT NULL,
    addressee   text        NOT NULL,
    stream      text        NOT NULL,   -- source and the routing key's first word
    subject     text        NOT NULL,
    caseversion integer     NOT NULL,
    occurred_at timestamptz NOT NULL,
    draft       bytea       NOT NULL,   -- the body without its last member
    sequence    bigint,                 -- gapless in its stream; given by the relay
    chain       bytea,                  -- SHA-256(previous chain of the stream, body)
    UNIQUE (subject, caseversion)
);
CREATE UNIQUE INDEX event_log_sequence ON event_log (stream, sequence) WHERE sequence IS NOT NULL;
CREATE INDEX event_log_unsealed ON event_log (id) WHERE sequence IS NULL;

CREATE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.sequence IS NOT NULL OR NEW.draft <> OLD.draft OR NEW.stream <> OLD.stream THEN
        RAISE EXCEPTION 'history is not altered (event_log id %)', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON event_log FOR EACH ROW EXECUTE FUNCTION keep_history();

CREATE TABLE stream_head (
    stream   text   PRIMARY KEY,
    sequence bigint NOT NULL,
    chain    bytea  NOT NULL
);

CREATE TABLE delivery (
    destination text   NOT NULL,
    stream      text   NOT NULL,
    sequence    bigint NOT NULL DEFAULT 0,  -- the last one that was confirmed
    stalled_for text,                       -- why the stream stands still; null when it moves
    stalled_at  timestamptz,
    PRIMARY KEY (destination, stream)
);

CREATE TABLE inbox (
    event_id   uuid PRIMARY KEY,
    stream     text        NOT NULL,
    sequence   bigint      NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now()
);

-- How far each stream has been taken in; a replay starts here.
CREATE TABLE taken (
    stream   text   PRIMARY KEY,
    sequence bigint NOT NULL
);

CREATE TABLE parked (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id        uuid UNIQUE,
    type            text,
    lane            text,                   -- source and case; null when the message could not be read
    subject         text,
    reason          text        NOT NULL CHECK (reason IN ('failed', 'waiting', 'not_yet', 'unreadable', 'poison')),
    error           text        NOT NULL,
    routing_key     text        NOT NULL,
    body            bytea       NOT NULL,
    properties      jsonb       NOT NULL,
    parked_at       timestamptz NOT NULL DEFAULT now(),
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,            -- null: waits for a person
    dismissed_by    text,
    dismissed_for   text,
    dismissed_at    timestamptz
);
CREATE INDEX parked_lane ON parked (lane, id) WHERE dismissed_at IS NULL;
CREATE INDEX parked_not_yet ON parked (subject) WHERE reason = 'not_yet' AND dismissed_at IS NULL;

-- Counted before a redelivered event is tried, in a transaction of its own, so that a crash is counted too.
CREATE TABLE attempt (
    event_id uuid PRIMARY KEY,
    count    integer NOT NULL
);

CREATE TABLE stage_move (
    workflow text NOT NULL,
    stage    text NOT NULL,
    next     text NOT NULL,
    PRIMARY KEY (workflow, stage, next)
);

CREATE FUNCTION guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.stage <> OLD.stage AND NOT EXISTS (
        SELECT FROM stage_move WHERE workflow = TG_ARGV[0] AND stage = OLD.stage AND next = NEW.stage
    ) THEN
        RAISE EXCEPTION '% does not go from % to %', TG_ARGV[0], OLD.stage, NEW.stage;
    END IF;
    RETURN NEW;
END $$;
