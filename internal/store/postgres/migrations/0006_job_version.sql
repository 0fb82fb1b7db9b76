-- +goose Up

-- How often operators have changed the job, from 1.
ALTER TABLE jobs ADD COLUMN version bigint NOT NULL DEFAULT 1;
