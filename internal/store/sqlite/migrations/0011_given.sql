-- +goose Up

-- Documents as they were given, where something was put into them.
CREATE TABLE given_documents (
    job  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;
