-- name: session
SELECT client, version, expiry FROM sessions WHERE client = $1;

-- name: sessions
SELECT client, version, expiry FROM sessions WHERE client > $1 ORDER BY client LIMIT $2;

-- name: subscriptions
SELECT client, filter, qos, form, name, no_local, as_published
FROM subscriptions WHERE client >= $1 AND client <= $2 ORDER BY client, filter;

-- name: put_session
INSERT INTO sessions (client, version, expiry, queued) VALUES ($1, $2, $3, 0)
ON CONFLICT (client) DO UPDATE SET version = excluded.version, expiry = excluded.expiry;

-- name: delete_session
DELETE FROM sessions WHERE client = $1;

-- name: insert_subscription
INSERT INTO subscriptions (client, filter, qos, form, name, no_local, as_published) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: delete_subscriptions
DELETE FROM subscriptions WHERE client = $1;

-- name: insert_listener
INSERT INTO listeners (thing, namespace, client, topics) VALUES ($1, $2, $3, $4);

-- name: delete_listeners
DELETE FROM listeners WHERE client = $1;
