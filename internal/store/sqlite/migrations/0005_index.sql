-- +goose Up

-- What the fleet index knows, a row for each value of each field of a thing. Of
-- a value without case, key is the beginning; text is the value as it is shown,
-- where that differs; number is what it reads as.
CREATE TABLE index_entries (
    thing  INTEGER NOT NULL,
    field  TEXT NOT NULL,
    n      INTEGER NOT NULL, -- place in a list
    kind   INTEGER NOT NULL,
    key    TEXT NOT NULL,
    rest   TEXT NOT NULL,
    text   TEXT,
    number REAL,
    PRIMARY KEY (thing, field, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_entries_key ON index_entries (field, key, thing);
CREATE INDEX index_entries_number ON index_entries (field, number, thing) WHERE number IS NOT NULL;

-- One row, or none: then the index was never on.
CREATE TABLE indexing (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    config TEXT NOT NULL,
    build  INTEGER NOT NULL,
    walked INTEGER NOT NULL
) STRICT;

-- Of a dynamic group: what its members are, and how far they have come to be
-- that.
ALTER TABLE thing_groups ADD COLUMN query TEXT;
ALTER TABLE thing_groups ADD COLUMN build INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thing_groups ADD COLUMN walked INTEGER NOT NULL DEFAULT 0;
CREATE INDEX thing_groups_query ON thing_groups (id) WHERE query IS NOT NULL;
