-- depends: 0002_replay
-- Whether this instance and its neighbours hold the same: cursors, digests, what is asked for again, what differs.

-- What a consumer holds of others' streams, number after number, and so the head of each chain.
CREATE TABLE platform.held (
    consumer      text        NOT NULL,
    stream        text        NOT NULL,
    sequence      bigint      NOT NULL DEFAULT 0,
    chain         bytea       NOT NULL DEFAULT '',
    known         bigint      NOT NULL DEFAULT 0,   -- the highest number that is known to exist
    missing_since timestamptz,                      -- null: everything known is held
    wanted_at     timestamptz,                      -- when it was asked for last
    recount       bigint      NOT NULL DEFAULT 0,   -- counted anew up to here: what was kept before is compared
    compared      bigint,                           -- the number at which the source's digest was compared last
    compared_at   timestamptz,
    agrees        boolean,
    said          bigint,                           -- what the source was told last that we hold
    said_at       timestamptz,
    PRIMARY KEY (consumer, stream)
);

-- Each of these events: its digest, the chain's head there, and, where the source may need it back, its bytes.
CREATE TABLE platform.kept (
    consumer text   NOT NULL,
    stream   text   NOT NULL,
    sequence bigint NOT NULL,
    event_id uuid   NOT NULL,
    name     text   NOT NULL,
    subject  text   NOT NULL,
    digest   bytea  NOT NULL,   -- SHA-256 of the bytes
    chain    bytea  NOT NULL,   -- the head of the stream's chain here
    body     bytea,
    PRIMARY KEY (consumer, stream, sequence)
);

-- What differs, case by case: found when a source sent again what was held otherwise.
CREATE TABLE platform.difference (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text        NOT NULL,
    stream   text        NOT NULL,
    sequence bigint      NOT NULL,
    subject  text        NOT NULL,
    what     text        NOT NULL CHECK (what IN ('altered', 'another', 'only_here')),
    ours     uuid        NOT NULL,
    theirs   uuid,
    body     bytea,               -- what was kept here before, where bytes are kept
    found_at timestamptz NOT NULL DEFAULT platform.now(),
    UNIQUE (consumer, stream, sequence, what)
);

-- What is wanted again of others' streams, until they were asked.
CREATE TABLE platform.want (
    stream text   PRIMARY KEY,
    after  bigint NOT NULL
);

-- What others want again of ours, until it was sent; `back` are their own events, which they lost.
CREATE TABLE platform.resend (
    peer   text    NOT NULL,
    stream text    NOT NULL,
    back   boolean NOT NULL,
    after  bigint  NOT NULL,
    PRIMARY KEY (peer, stream, back)
);

-- Our streams as they stand for a neighbour; stated by each relay every few seconds.
CREATE TABLE platform.outgoing (
    peer          text   NOT NULL,
    stream        text   NOT NULL,
    service       text   NOT NULL,
    head          bigint NOT NULL,
    delivered     bigint NOT NULL,
    waiting_since timestamptz,        -- since when the oldest event waits that has not left
    told          bigint,             -- the number of which the neighbour was told the digest last
    told_at       timestamptz,
    PRIMARY KEY (peer, stream)
);

-- How far the neighbours' consumers hold our streams, in their own word, and whether their digest is ours.
CREATE TABLE platform.reach (
    peer     text        NOT NULL,
    consumer text        NOT NULL,
    stream   text        NOT NULL,
    sequence bigint      NOT NULL,
    chain    bytea       NOT NULL,
    at       timestamptz NOT NULL,
    agrees   boolean,                 -- null: not compared yet
    PRIMARY KEY (peer, consumer, stream)
);

-- The neighbours as they were heard of last. A higher epoch means that one was restored from an older backup.
CREATE TABLE platform.peer (
    org      text        PRIMARY KEY,
    epoch    integer     NOT NULL,
    heard_at timestamptz NOT NULL,
    restored_at timestamptz
);
