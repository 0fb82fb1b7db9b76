-- +goose Up

-- Things that wait to join a job, with the number of their latest execution
-- then, 0 for none.
CREATE TABLE job_joins (
    job    bigint NOT NULL,
    thing  bigint NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (job, thing)
);
