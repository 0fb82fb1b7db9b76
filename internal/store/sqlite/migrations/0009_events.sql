-- +goose Up

-- What has happened and is not published yet.
CREATE TABLE events (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        INTEGER NOT NULL,
    happened_at INTEGER NOT NULL,
    body        TEXT NOT NULL
) STRICT;
