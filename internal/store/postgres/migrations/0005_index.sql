-- +goose Up

-- What the fleet index knows, a row for each value of each field of a thing. Of
-- a value without case, key is the beginning; text is the value as it is shown,
-- where that differs; number is what it reads as.
CREATE TABLE index_entries (
    thing  bigint NOT NULL,
    field  text COLLATE "C" NOT NULL,
    n      bigint NOT NULL, -- place in a list
    kind   bigint NOT NULL,
    key    text COLLATE "C" NOT NULL,
    rest   text COLLATE "C" NOT NULL,
    text   text COLLATE "C",
    number double precision,
    PRIMARY KEY (thing, field, n)
);
CREATE INDEX index_entries_key ON index_entries (field, key, thing);
CREATE INDEX index_entries_number ON index_entries (field, number, thing) WHERE number IS NOT NULL;

-- One row, or none: then the index was never on.
CREATE TABLE indexing (
    one    bigint PRIMARY KEY CHECK (one = 1),
    config text NOT NULL,
    build  bigint NOT NULL,
    walked bigint NOT NULL
);

-- Of a dynamic group: what its members are, and how far they have come to be
-- that.
ALTER TABLE thing_groups ADD COLUMN query text;
ALTER TABLE thing_groups ADD COLUMN build bigint NOT NULL DEFAULT 0;
ALTER TABLE thing_groups ADD COLUMN walked bigint NOT NULL DEFAULT 0;
CREATE INDEX thing_groups_query ON thing_groups (id) WHERE query IS NOT NULL;
