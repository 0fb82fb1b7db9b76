-- +goose Up

-- Times are milliseconds since 1970, UTC; NULL is none. Flags are 0 or 1.
-- Structured values that are read whole are JSON text. Names compare byte by
-- byte, as clients page through them.
CREATE TABLE meta (
    name  text COLLATE "C" PRIMARY KEY,
    value bigint NOT NULL
);

-- A thing that was deleted keeps its row while executions name it; gone is
-- when it was deleted.
CREATE TABLE things (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text COLLATE "C" NOT NULL,
    uid        text NOT NULL,
    type       text COLLATE "C" NOT NULL,
    attributes text,
    version    bigint NOT NULL,
    created_at bigint NOT NULL,
    gone       bigint
);
CREATE UNIQUE INDEX things_name ON things (name) WHERE gone IS NULL;
CREATE INDEX things_type ON things (type, name) WHERE gone IS NULL AND type <> '';
CREATE INDEX things_gone ON things (id) WHERE gone IS NOT NULL;

CREATE TABLE thing_groups (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text COLLATE "C" NOT NULL,
    uid         text NOT NULL,
    parent      bigint NOT NULL, -- 0 is none
    depth       bigint NOT NULL,
    description text NOT NULL,
    attributes  text,
    version     bigint NOT NULL,
    created_at  bigint NOT NULL,
    gone        bigint
);
CREATE UNIQUE INDEX thing_groups_name ON thing_groups (name) WHERE gone IS NULL;
CREATE INDEX thing_groups_parent ON thing_groups (parent, name);
CREATE INDEX thing_groups_gone ON thing_groups (id) WHERE gone IS NOT NULL;

-- A thing has a row for each group that it is in and each ancestor of those.
-- joined and gone are numbers of the membership sequence.
CREATE TABLE members (
    grp    bigint NOT NULL,
    thing  bigint NOT NULL,
    joined bigint NOT NULL,
    gone   bigint,
    direct bigint NOT NULL,
    PRIMARY KEY (grp, thing, joined)
);
CREATE UNIQUE INDEX members_live ON members (grp, thing) WHERE gone IS NULL;
CREATE INDEX members_direct ON members (grp, thing) WHERE gone IS NULL AND direct = 1;
CREATE INDEX members_thing ON members (thing, grp) WHERE gone IS NULL;
CREATE INDEX members_gone ON members (gone) WHERE gone IS NOT NULL;

CREATE TABLE thing_types (
    name          text COLLATE "C" PRIMARY KEY,
    uid           text NOT NULL,
    description   text NOT NULL,
    searchable    text, -- JSON array
    created_at    bigint NOT NULL,
    deprecated_at bigint
);

CREATE TABLE tags (
    kind     text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    key      text COLLATE "C" NOT NULL,
    value    text NOT NULL,
    PRIMARY KEY (kind, resource, key)
);

-- rolling is 1 while the job is live and has targets left to roll out to.
CREATE TABLE jobs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text COLLATE "C" NOT NULL UNIQUE,
    namespace    text COLLATE "C" NOT NULL,
    selection    bigint NOT NULL,
    status       bigint NOT NULL,
    settings     text NOT NULL,
    targets      text NOT NULL,
    members      bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    completed_at bigint,
    forced       bigint NOT NULL,
    comment      text NOT NULL,
    reason       text NOT NULL,
    rollout      text NOT NULL,
    sweep        text NOT NULL,
    due          bigint,
    rolling      bigint
);
CREATE INDEX jobs_created ON jobs (created_at DESC, name);
CREATE INDEX jobs_due ON jobs (due) WHERE due IS NOT NULL;
CREATE INDEX jobs_deleting ON jobs (id) WHERE status = 5;
CREATE INDEX jobs_rolling ON jobs (members) WHERE rolling IS NOT NULL;

-- The groups that a job names as targets; following is 1 while the job is
-- live and CONTINUOUS.
CREATE TABLE job_groups (
    job        bigint NOT NULL,
    grp        bigint NOT NULL,
    created_at bigint NOT NULL, -- of the job
    following  bigint,
    PRIMARY KEY (job, grp)
);
CREATE INDEX job_groups_created ON job_groups (grp, created_at DESC, job);
CREATE INDEX job_groups_following ON job_groups (grp, job) WHERE following IS NOT NULL;

CREATE TABLE documents (
    job  bigint PRIMARY KEY,
    body bytea NOT NULL
);

-- Each node adds to a stripe of its own; the sum over all is the truth.
CREATE TABLE counters (
    job         bigint NOT NULL,
    stripe      bigint NOT NULL,
    queued      bigint NOT NULL,
    in_progress bigint NOT NULL,
    succeeded   bigint NOT NULL,
    failed      bigint NOT NULL,
    rejected    bigint NOT NULL,
    timed_out   bigint NOT NULL,
    canceled    bigint NOT NULL,
    removed     bigint NOT NULL,
    notified    bigint NOT NULL,
    PRIMARY KEY (job, stripe)
);

-- open is 1 until the execution ends, then NULL; deadline is the nearer of
-- timer and step while it is IN_PROGRESS.
CREATE TABLE executions (
    job        bigint NOT NULL,
    thing      bigint NOT NULL,
    number     bigint NOT NULL,
    state      bigint NOT NULL,
    open       bigint,
    version    bigint NOT NULL,
    forced     bigint NOT NULL,
    queued_at  bigint NOT NULL,
    started_at bigint,
    updated_at bigint NOT NULL,
    details    text,
    deadline   bigint,
    timer      bigint,
    step       bigint,
    retries    text,
    PRIMARY KEY (job, thing, number)
);
CREATE INDEX executions_pending ON executions (thing, queued_at, job, number) WHERE open IS NOT NULL;
CREATE INDEX executions_thing ON executions (thing, queued_at, job, number);
CREATE INDEX executions_deadline ON executions (deadline) WHERE deadline IS NOT NULL;

-- Things whose execution of the job was deleted: no rollout reaches them again.
CREATE TABLE spent (
    job   bigint NOT NULL,
    thing bigint NOT NULL,
    PRIMARY KEY (job, thing)
);

CREATE TABLE sessions (
    client  text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL, -- of MQTT
    expiry  bigint NOT NULL, -- milliseconds
    queued  bigint NOT NULL  -- rows of the queue
);

CREATE TABLE subscriptions (
    client text COLLATE "C" NOT NULL,
    filter text COLLATE "C" NOT NULL,
    qos    bigint NOT NULL,
    form   bigint NOT NULL,
    name   text COLLATE "C" NOT NULL,
    no_local     bigint NOT NULL,
    as_published bigint NOT NULL,
    PRIMARY KEY (client, filter)
);

-- Who is owed notices of a thing; thing '' is every thing.
CREATE TABLE listeners (
    thing  text COLLATE "C" NOT NULL,
    client text COLLATE "C" NOT NULL,
    topics bigint NOT NULL, -- bits, in the order of Options.Notices
    PRIMARY KEY (thing, client)
);
CREATE INDEX listeners_client ON listeners (client);

-- A message for many sessions is stored once, and goes with its last row of
-- the queue.
CREATE TABLE messages (
    id      bigint PRIMARY KEY,
    topic   text COLLATE "C" NOT NULL,
    payload bytea NOT NULL,
    qos     bigint NOT NULL,
    retain  bigint NOT NULL,
    props   text,
    expires bigint
);
CREATE TABLE queue (
    client  text COLLATE "C" NOT NULL,
    seq     bigint NOT NULL,
    message bigint NOT NULL,
    PRIMARY KEY (client, seq)
);
CREATE INDEX queue_message ON queue (message);

CREATE TABLE retained (
    topic   text COLLATE "C" PRIMARY KEY,
    payload bytea NOT NULL,
    qos     bigint NOT NULL,
    props   text,
    expires bigint
);

CREATE TABLE owed (
    client        text COLLATE "C" NOT NULL,
    thing         text COLLATE "C" NOT NULL,
    namespace     text COLLATE "C" NOT NULL,
    before_job    bigint NOT NULL,
    before_number bigint NOT NULL,
    added_job     bigint NOT NULL,
    added_number  bigint NOT NULL,
    members       bigint NOT NULL,
    seq           bigint NOT NULL,
    PRIMARY KEY (client, thing, namespace)
);
CREATE INDEX owed_seq ON owed (client, seq);
