-- +goose Up

CREATE TABLE job_templates (
    name       text COLLATE "C" PRIMARY KEY,
    settings   text NOT NULL,
    created_at bigint NOT NULL,
    body       bytea NOT NULL
);
