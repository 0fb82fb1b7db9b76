-- +goose Up

-- The history of a job; number counts its changes. was and became hold what
-- differs. A job that was made before this has none.
CREATE TABLE job_changes (
    job       INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    who       TEXT NOT NULL, -- '' is nobody
    operation TEXT NOT NULL,
    was       TEXT NOT NULL,
    became    TEXT NOT NULL,
    PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;
