-- +goose Up

-- Things that wait to join a job, with the number of their latest execution
-- then, 0 for none.
CREATE TABLE job_joins (
    job    INTEGER NOT NULL,
    thing  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (job, thing)
) STRICT, WITHOUT ROWID;
