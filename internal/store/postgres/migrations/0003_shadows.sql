-- +goose Up

-- The shadows of things; name '' is the classic one. desired and reported are
-- JSON, each with the times of its values; NULL is none.
CREATE TABLE shadows (
    thing      bigint NOT NULL,
    name       text COLLATE "C" NOT NULL,
    version    bigint NOT NULL,
    deleted    bigint NOT NULL,
    desired    text,
    reported   text,
    updated_at bigint NOT NULL,
    PRIMARY KEY (thing, name)
);

-- Whether the client whose id is the thing's name is connected.
CREATE TABLE connections (
    thing     bigint PRIMARY KEY,
    connected bigint NOT NULL,
    at        bigint NOT NULL,
    reason    text NOT NULL -- of the disconnect
);
CREATE INDEX connections_connected ON connections (thing) WHERE connected = 1;

ALTER TABLE retained ADD COLUMN modified_at bigint NOT NULL DEFAULT 0;
