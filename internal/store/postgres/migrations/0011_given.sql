-- +goose Up

-- Documents as they were given, where something was put into them.
CREATE TABLE given_documents (
    job  bigint PRIMARY KEY,
    body bytea NOT NULL
);
