-- name: type
SELECT name, uid, description, searchable, created_at, deprecated_at FROM thing_types WHERE name = $1;

-- name: put_type
INSERT INTO thing_types (name, uid, description, searchable, created_at, deprecated_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO UPDATE SET uid = excluded.uid, description = excluded.description,
    searchable = excluded.searchable, created_at = excluded.created_at, deprecated_at = excluded.deprecated_at;

-- name: delete_type
DELETE FROM thing_types WHERE name = $1;

-- name: types
SELECT name, uid, description, searchable, created_at, deprecated_at
FROM thing_types WHERE name > $1 ORDER BY name LIMIT $2;

-- name: type_in_use
SELECT 1 FROM things WHERE gone IS NULL AND type = $1 AND type <> '' LIMIT 1;
