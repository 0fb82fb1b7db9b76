-- +goose Up

-- The shadows of things; name '' is the classic one. desired and reported are
-- JSON, each with the times of its values; NULL is none.
CREATE TABLE shadows (
    thing      INTEGER NOT NULL,
    name       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    deleted    INTEGER NOT NULL,
    desired    TEXT,
    reported   TEXT,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (thing, name)
) STRICT, WITHOUT ROWID;

-- Whether the client whose id is the thing's name is connected.
CREATE TABLE connections (
    thing     INTEGER PRIMARY KEY,
    connected INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    reason    TEXT NOT NULL -- of the disconnect
) STRICT;
CREATE INDEX connections_connected ON connections (thing) WHERE connected = 1;

ALTER TABLE retained ADD COLUMN modified_at INTEGER NOT NULL DEFAULT 0;
