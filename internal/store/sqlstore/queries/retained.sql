-- name: retained
SELECT topic, payload, qos, props, expires FROM retained WHERE topic = $1;

-- name: retained_message
SELECT topic, payload, length(payload), qos, props, expires, modified_at FROM retained WHERE topic = $1;

-- name: retained_messages
SELECT topic, NULL, length(payload), qos, NULL, expires, modified_at FROM retained WHERE topic > $1 ORDER BY topic LIMIT $2;

-- name: retain
INSERT INTO retained (topic, payload, qos, props, expires, modified_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (topic) DO UPDATE SET payload = excluded.payload, qos = excluded.qos, props = excluded.props,
    expires = excluded.expires, modified_at = excluded.modified_at;

-- name: unretain
DELETE FROM retained WHERE topic = $1;
