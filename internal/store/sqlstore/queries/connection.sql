-- name: connection
SELECT connected, at, reason FROM connections WHERE thing = $1;

-- name: connection_of
SELECT coalesce(c.connected, 0), c.at, coalesce(c.reason, '')
FROM things t LEFT JOIN connections c ON c.thing = t.id
WHERE t.name = $1 AND t.gone IS NULL;

-- name: put_connection
INSERT INTO connections (thing, connected, at, reason) VALUES ($1, $2, $3, $4)
ON CONFLICT (thing) DO UPDATE SET connected = excluded.connected, at = excluded.at, reason = excluded.reason;

-- name: connected_things
SELECT t.id, t.name FROM connections c JOIN things t ON t.id = c.thing WHERE c.connected = 1 ORDER BY c.thing LIMIT $1;

-- name: delete_connection
DELETE FROM connections WHERE thing = $1;
