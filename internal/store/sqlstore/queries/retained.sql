-- name: retained
SELECT topic, payload, qos, props, expires FROM retained WHERE topic = $1;

-- name: retain
INSERT INTO retained (topic, payload, qos, props, expires) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (topic) DO UPDATE SET payload = excluded.payload, qos = excluded.qos, props = excluded.props,
    expires = excluded.expires;

-- name: unretain
DELETE FROM retained WHERE topic = $1;
