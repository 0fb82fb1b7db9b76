-- +goose Up

-- Times are milliseconds since 1970, UTC; NULL is none. Flags are 0 or 1.
-- Structured values that are read whole are JSON text.
PRAGMA application_id = 1146244950; -- "DROV"

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A thing that was deleted keeps its row while executions name it; gone is
-- when it was deleted.
CREATE TABLE things (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    uid        TEXT NOT NULL,
    type       TEXT NOT NULL,
    attributes TEXT,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    gone       INTEGER
) STRICT;
CREATE UNIQUE INDEX things_name ON things (name) WHERE gone IS NULL;
CREATE INDEX things_type ON things (type, name) WHERE gone IS NULL AND type <> '';
CREATE INDEX things_gone ON things (id) WHERE gone IS NOT NULL;

CREATE TABLE thing_groups (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL,
    uid         TEXT NOT NULL,
    parent      INTEGER NOT NULL, -- 0 is none
    depth       INTEGER NOT NULL,
    description TEXT NOT NULL,
    attributes  TEXT,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    gone        INTEGER
) STRICT;
CREATE UNIQUE INDEX thing_groups_name ON thing_groups (name) WHERE gone IS NULL;
CREATE INDEX thing_groups_parent ON thing_groups (parent, name);
CREATE INDEX thing_groups_gone ON thing_groups (id) WHERE gone IS NOT NULL;

-- A thing has a row for each group that it is in and each ancestor of those.
-- joined and gone are numbers of the membership sequence.
CREATE TABLE members (
    grp    INTEGER NOT NULL,
    thing  INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    gone   INTEGER,
    direct INTEGER NOT NULL,
    PRIMARY KEY (grp, thing, joined)
) STRICT, WITHOUT ROWID;
-- gone and direct are the same in all rows of these two: named as columns, they
-- make SQLite take the index and not the key, which holds the gone as well.
CREATE INDEX members_live ON members (grp, gone, thing) WHERE gone IS NULL;
CREATE INDEX members_direct ON members (grp, direct, gone, thing) WHERE gone IS NULL AND direct = 1;
CREATE INDEX members_thing ON members (thing, grp) WHERE gone IS NULL;
CREATE INDEX members_gone ON members (gone) WHERE gone IS NOT NULL;

CREATE TABLE thing_types (
    name          TEXT PRIMARY KEY,
    uid           TEXT NOT NULL,
    description   TEXT NOT NULL,
    searchable    TEXT, -- JSON array
    created_at    INTEGER NOT NULL,
    deprecated_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
    kind     TEXT NOT NULL,
    resource TEXT NOT NULL,
    key      TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (kind, resource, key)
) STRICT, WITHOUT ROWID;

-- rolling is 1 while the job is live and has targets left to roll out to.
CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL UNIQUE,
    namespace    TEXT NOT NULL,
    selection    INTEGER NOT NULL,
    status       INTEGER NOT NULL,
    settings     TEXT NOT NULL,
    targets      TEXT NOT NULL,
    members      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    completed_at INTEGER,
    forced       INTEGER NOT NULL,
    comment      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    rollout      TEXT NOT NULL,
    sweep        TEXT NOT NULL,
    due          INTEGER,
    rolling      INTEGER
) STRICT;
CREATE INDEX jobs_created ON jobs (created_at DESC, name);
CREATE INDEX jobs_due ON jobs (due) WHERE due IS NOT NULL;
CREATE INDEX jobs_deleting ON jobs (id) WHERE status = 5;
CREATE INDEX jobs_rolling ON jobs (members) WHERE rolling IS NOT NULL;

-- The groups that a job names as targets; following is 1 while the job is
-- live and CONTINUOUS.
CREATE TABLE job_groups (
    job        INTEGER NOT NULL,
    grp        INTEGER NOT NULL,
    created_at INTEGER NOT NULL, -- of the job
    following  INTEGER,
    PRIMARY KEY (job, grp)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_groups_created ON job_groups (grp, created_at DESC, job);
CREATE INDEX job_groups_following ON job_groups (grp, job) WHERE following IS NOT NULL;

CREATE TABLE documents (
    job  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- Each node adds to a stripe of its own; the sum over all is the truth.
CREATE TABLE counters (
    job         INTEGER NOT NULL,
    stripe      INTEGER NOT NULL,
    queued      INTEGER NOT NULL,
    in_progress INTEGER NOT NULL,
    succeeded   INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    rejected    INTEGER NOT NULL,
    timed_out   INTEGER NOT NULL,
    canceled    INTEGER NOT NULL,
    removed     INTEGER NOT NULL,
    notified    INTEGER NOT NULL,
    PRIMARY KEY (job, stripe)
) STRICT, WITHOUT ROWID;

-- open is 1 until the execution ends, then NULL; deadline is the nearer of
-- timer and step while it is IN_PROGRESS.
CREATE TABLE executions (
    job        INTEGER NOT NULL,
    thing      INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    state      INTEGER NOT NULL,
    open       INTEGER,
    version    INTEGER NOT NULL,
    forced     INTEGER NOT NULL,
    queued_at  INTEGER NOT NULL,
    started_at INTEGER,
    updated_at INTEGER NOT NULL,
    details    TEXT,
    deadline   INTEGER,
    timer      INTEGER,
    step       INTEGER,
    retries    TEXT,
    PRIMARY KEY (job, thing, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX executions_pending ON executions (thing, queued_at, job, number) WHERE open IS NOT NULL;
CREATE INDEX executions_thing ON executions (thing, queued_at, job, number);
CREATE INDEX executions_deadline ON executions (deadline) WHERE deadline IS NOT NULL;

-- Things whose execution of the job was deleted: no rollout reaches them again.
CREATE TABLE spent (
    job   INTEGER NOT NULL,
    thing INTEGER NOT NULL,
    PRIMARY KEY (job, thing)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    client  TEXT PRIMARY KEY,
    version INTEGER NOT NULL, -- of MQTT
    expiry  INTEGER NOT NULL, -- milliseconds
    queued  INTEGER NOT NULL  -- rows of the queue
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
    client TEXT NOT NULL,
    filter TEXT NOT NULL,
    qos    INTEGER NOT NULL,
    form   INTEGER NOT NULL,
    name   TEXT NOT NULL,
    no_local     INTEGER NOT NULL,
    as_published INTEGER NOT NULL,
    PRIMARY KEY (client, filter)
) STRICT, WITHOUT ROWID;

-- Who is owed notices of a thing; thing '' is every thing.
CREATE TABLE listeners (
    thing  TEXT NOT NULL,
    client TEXT NOT NULL,
    topics INTEGER NOT NULL, -- bits, in the order of Options.Notices
    PRIMARY KEY (thing, client)
) STRICT, WITHOUT ROWID;
CREATE INDEX listeners_client ON listeners (client);

-- A message for many sessions is stored once, and goes with its last row of
-- the queue.
CREATE TABLE messages (
    id      INTEGER PRIMARY KEY,
    topic   TEXT NOT NULL,
    payload BLOB NOT NULL,
    qos     INTEGER NOT NULL,
    retain  INTEGER NOT NULL,
    props   TEXT,
    expires INTEGER
) STRICT;
CREATE TABLE queue (
    client  TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (client, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_message ON queue (message);

CREATE TABLE retained (
    topic   TEXT PRIMARY KEY,
    payload BLOB NOT NULL,
    qos     INTEGER NOT NULL,
    props   TEXT,
    expires INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE owed (
    client        TEXT NOT NULL,
    thing         TEXT NOT NULL,
    namespace     TEXT NOT NULL,
    before_job    INTEGER NOT NULL,
    before_number INTEGER NOT NULL,
    added_job     INTEGER NOT NULL,
    added_number  INTEGER NOT NULL,
    members       INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    PRIMARY KEY (client, thing, namespace)
) STRICT, WITHOUT ROWID;
CREATE INDEX owed_seq ON owed (client, seq);
