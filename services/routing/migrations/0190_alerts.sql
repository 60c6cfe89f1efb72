-- depends: 0220_supervised
-- What officials are told beside what stands on their pages: by mail or webhook, never what a case is about.

-- Whether the officials of a unit work in this instance (`own`): the nearest above that has one is ours, or none has.
CREATE FUNCTION works_here(unit text, own text) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up (code, superior, has_instance, step) AS (
        SELECT o.code, o.superior, o.has_instance, 0 FROM organisation o WHERE o.code = unit
        UNION ALL
        SELECT o.code, o.superior, o.has_instance, step + 1 FROM up JOIN organisation o ON o.code = up.superior WHERE step < 20
    )
    SELECT coalesce((SELECT u.code = own FROM up u WHERE u.code = own OR u.has_instance ORDER BY step LIMIT 1), true)
$$;

-- Where an official holds posts, for may_see.
CREATE FUNCTION posts_of(who text) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT post ->> 'organisation' FROM official o, jsonb_array_elements(o.posts) post WHERE o.official = who)
$$;

-- Beside `official`, which every service has: addresses leave neither this schema nor this instance.
CREATE TABLE contact (
    official       text PRIMARY KEY,
    mail           text    NOT NULL,
    webhook        text    NOT NULL,      -- the recipient's id at the county's gateway
    mail_on        boolean NOT NULL,
    webhook_on     boolean NOT NULL,
    digest         boolean NOT NULL,
    mail_failed    text    NOT NULL,
    webhook_failed text    NOT NULL
);

CREATE TABLE alert (
    id          uuid PRIMARY KEY,
    place       bigint GENERATED ALWAYS AS IDENTITY,   -- the order in which they came; ids of one instant are in none
    official    text        NOT NULL,
    cause       uuid        NOT NULL,                  -- the event that it is told of
    kind        text        NOT NULL,
    case_id     uuid,
    about       uuid,
    at          timestamptz NOT NULL,
    figures     jsonb       NOT NULL DEFAULT '{}',
    wait_until  timestamptz,
    gathered_at timestamptz,
    read_at     timestamptz,
    over_at     timestamptz,
    again_at    timestamptz,
    raised_at   timestamptz,
    raised_to   jsonb,
    UNIQUE (official, cause)
);
CREATE INDEX alert_official ON alert (official, place);
CREATE INDEX alert_unread ON alert (official, case_id) WHERE read_at IS NULL AND over_at IS NULL;
CREATE INDEX alert_pending ON alert (coalesce(wait_until, at)) WHERE gathered_at IS NULL AND over_at IS NULL;
CREATE INDEX alert_chased ON alert (coalesce(again_at, gathered_at)) WHERE read_at IS NULL AND over_at IS NULL AND raised_at IS NULL;
CREATE INDEX alert_raised ON alert ((raised_to ->> 'official')) WHERE raised_to IS NOT NULL;

CREATE TABLE alert_message (
    id              uuid PRIMARY KEY,
    official        text        NOT NULL,
    medium          text        NOT NULL CHECK (medium IN ('mail', 'webhook')),
    alerts          jsonb       NOT NULL,
    made_at         timestamptz NOT NULL,
    stage           text        NOT NULL CHECK (stage IN ('waiting', 'sent', 'dropped', 'failed')),
    attempts        integer     NOT NULL,
    next_attempt_at timestamptz,
    ended_at        timestamptz,
    failure         text        NOT NULL
);
CREATE INDEX alert_message_due ON alert_message (next_attempt_at) WHERE stage = 'waiting';
CREATE INDEX alert_message_official ON alert_message (official, made_at);
CREATE INDEX alert_message_failed ON alert_message (made_at) WHERE stage = 'failed';

-- The day whose digest was made.
CREATE TABLE alert_day (
    day date PRIMARY KEY
);
