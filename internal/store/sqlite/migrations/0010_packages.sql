-- +goose Up

CREATE TABLE packages (
    name            TEXT PRIMARY KEY,
    description     TEXT NOT NULL,
    default_version TEXT NOT NULL, -- empty is none
    created_at      INTEGER NOT NULL,
    changed_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE package_versions (
    package     TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    attributes  TEXT,
    artifact    TEXT NOT NULL,
    recipe      TEXT NOT NULL,
    status      INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    PRIMARY KEY (package, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE package_config (
    id   INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

-- What clients have asked for under a token of theirs.
CREATE TABLE tokens (
    token   TEXT PRIMARY KEY,
    input   TEXT NOT NULL,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_used ON tokens (used_at);
