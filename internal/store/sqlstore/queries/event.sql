-- name: events
SELECT seq, kind, happened_at, body FROM events ORDER BY seq LIMIT $1;

-- name: count_events
-- As drop_events counts them, by two ends of an index.
SELECT coalesce((SELECT max(seq) FROM events) - (SELECT min(seq) FROM events) + 1, 0);

-- name: forget_events
DELETE FROM events WHERE seq <= $1;

-- name: drop_events
-- Those that are behind the newest by more than may wait.
DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - $1;

-- name: drop_events_of
DELETE FROM events WHERE kind = $1 AND seq <= (SELECT max(seq) FROM events) - $2;
