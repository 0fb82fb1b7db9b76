-- name: events
SELECT seq, kind, happened_at, body FROM events ORDER BY seq LIMIT $1;

-- name: told_events
DELETE FROM events WHERE seq <= $1;

-- name: drop_events
-- Those that are behind the newest by more than may wait.
DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - $1;
