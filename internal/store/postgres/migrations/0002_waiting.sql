-- +goose Up

-- How many of the failed and timed out have a retry that waits for a window.
-- The row of such an execution is open, though it has ended.
ALTER TABLE counters ADD COLUMN wait_failed bigint NOT NULL DEFAULT 0;
ALTER TABLE counters ADD COLUMN wait_timed_out bigint NOT NULL DEFAULT 0;
