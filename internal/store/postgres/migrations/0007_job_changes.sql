-- +goose Up

-- The history of a job; number counts its changes. was and became hold what
-- differs. A job that was made before this has none.
CREATE TABLE job_changes (
    job       bigint NOT NULL,
    number    bigint NOT NULL,
    version   bigint NOT NULL,
    at        bigint NOT NULL,
    who       text NOT NULL, -- '' is nobody
    operation text NOT NULL,
    was       text NOT NULL,
    became    text NOT NULL,
    PRIMARY KEY (job, number)
);
