-- depends: 0160_linked
-- The directory by page: what a unit is, terms of posts, who changed what, what other instances told of units that both know.

-- Beside `organisation`, which every service has: what is routing's alone.
CREATE TABLE unit (
    code         text PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('unit', 'leading_group', 'group_office')),
    dissolved_on date
);

-- `official.posts` is what of this is in force; `counted` says of which terms it holds.
CREATE TABLE term (
    id           uuid PRIMARY KEY,
    official     text    NOT NULL,
    organisation text    NOT NULL,
    title        text    NOT NULL,
    roles        jsonb   NOT NULL,
    place        integer NOT NULL,
    from_on      date,                 -- null: not known since when
    until_on     date,                 -- the day of removal, on which the post is no longer held
    counted      boolean NOT NULL DEFAULT false
);
CREATE INDEX term_official ON term (official);
CREATE INDEX term_organisation ON term (organisation);

-- Of officials recorded before there were terms it is not known since when they hold their posts.
INSERT INTO term (id, official, organisation, title, roles, place, from_on, until_on, counted)
SELECT gen_random_uuid(), o.official, post ->> 'organisation', post ->> 'title', post -> 'roles', place - 1, NULL,
       CASE WHEN o.active THEN NULL ELSE (now() AT TIME ZONE 'Asia/Shanghai')::date END, o.active
FROM official o, jsonb_array_elements(o.posts) WITH ORDINALITY AS p (post, place);

CREATE TABLE directory_change (
    id           uuid PRIMARY KEY,
    key          uuid        NOT NULL, -- of the form or import; a second time it changes nothing
    kind         text        NOT NULL,
    subject_kind text        NOT NULL CHECK (subject_kind IN ('organisation', 'official')),
    subject      text        NOT NULL,
    before       jsonb,
    after        jsonb       NOT NULL,
    reason       text        NOT NULL,
    effective_on date        NOT NULL,
    by           jsonb,                -- null: by command on the server, or by itself
    at           timestamptz NOT NULL
);
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE ON directory_change FOR EACH ROW EXECUTE FUNCTION keep_record();
CREATE INDEX directory_change_subject ON directory_change (subject, at);
CREATE INDEX directory_change_at ON directory_change (at, id);
CREATE INDEX directory_change_key ON directory_change (key);

-- What another instance told last of a unit.
CREATE TABLE announcement (
    id              uuid PRIMARY KEY,      -- the event's
    source          text        NOT NULL,
    code            text        NOT NULL,
    name            text        NOT NULL,
    name_en         text        NOT NULL,
    heads           jsonb       NOT NULL,
    reason          text        NOT NULL,
    by              jsonb,
    at              timestamptz NOT NULL,
    declined_at     timestamptz,
    declined_by     jsonb,
    declined_reason text,
    superseded_at   timestamptz
);
CREATE INDEX announcement_latest ON announcement (source, code) WHERE superseded_at IS NULL;
