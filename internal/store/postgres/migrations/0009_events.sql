-- +goose Up

-- What has happened and is not published yet.
CREATE TABLE events (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        bigint NOT NULL,
    happened_at bigint NOT NULL,
    body        text NOT NULL
);
