-- name: thing_by_name
SELECT id, name, uid, type, attributes, version, created_at FROM things WHERE name = $1 AND gone IS NULL;

-- name: living_thing
SELECT id, name FROM things WHERE name = $1 AND gone IS NULL;

-- name: thing_by_id
SELECT id, name FROM things WHERE id = $1;

-- name: insert_thing
INSERT INTO things (name, uid, type, attributes, version, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) WHERE gone IS NULL DO NOTHING RETURNING id;

-- name: update_thing
UPDATE things SET type = $2, attributes = $3, version = $4 WHERE id = $1 AND gone IS NULL;

-- name: delete_thing
DELETE FROM things WHERE id = $1 AND gone IS NULL AND NOT EXISTS (SELECT 1 FROM executions e WHERE e.thing = things.id);

-- name: bury_thing
UPDATE things SET gone = $2 WHERE id = $1 AND gone IS NULL;

-- name: things
SELECT id, name, uid, type, attributes, version, created_at
FROM things WHERE gone IS NULL AND name > $1 ORDER BY name LIMIT $2;

-- name: things_of_type
SELECT id, name, uid, type, attributes, version, created_at
FROM things WHERE gone IS NULL AND type = $3 AND type <> '' AND name > $1 ORDER BY name LIMIT $2;
