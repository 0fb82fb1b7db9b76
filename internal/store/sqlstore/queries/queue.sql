-- name: queued_of
SELECT client, queued FROM sessions WHERE client = $1;

-- name: oldest_of
SELECT seq FROM queue WHERE client = $1 AND seq > $2 ORDER BY seq LIMIT $3;

-- name: next_queue_sequence
INSERT INTO meta (name, value) VALUES ('queue', 1)
ON CONFLICT (name) DO UPDATE SET value = meta.value + 1 RETURNING value;

-- name: insert_message
-- Another slice of the same message may have stored it.
INSERT INTO messages (id, topic, payload, qos, retain, props, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO NOTHING;

-- name: stored
SELECT q.seq, m.topic, m.payload, m.qos, m.retain, m.props, m.expires
FROM queue q CROSS JOIN messages m WHERE m.id = q.message AND q.client = $1 AND q.seq > $2 ORDER BY q.seq LIMIT $3;

-- name: positions
SELECT seq, message FROM queue WHERE client = $1 AND seq > $2 ORDER BY seq LIMIT $3;

-- name: dequeue
DELETE FROM queue WHERE client = $1 AND seq = $2 RETURNING message;

-- name: unqueue
UPDATE sessions SET queued = queued - 1 WHERE client = $1;

-- name: drop_message
DELETE FROM messages WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.message = messages.id);

-- name: drop_messages_of
DELETE FROM messages WHERE id IN (SELECT message FROM queue WHERE client = $1)
    AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.message = messages.id AND q.client <> $1);

-- name: delete_queue
DELETE FROM queue WHERE client = $1;
