-- +goose Up

-- The document comes last: a list does not read that far.
CREATE TABLE job_templates (
    name       TEXT PRIMARY KEY,
    settings   TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    body       BLOB NOT NULL
) STRICT;
