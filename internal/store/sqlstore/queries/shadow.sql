-- name: shadow
SELECT version, deleted, desired, reported, updated_at FROM shadows WHERE thing = $1 AND name = $2;

-- name: shadow_of
SELECT coalesce(s.version, 0), coalesce(s.deleted, 0), s.desired, s.reported, s.updated_at
FROM things t LEFT JOIN shadows s ON s.thing = t.id AND s.name = $2
WHERE t.name = $1 AND t.gone IS NULL;

-- name: put_shadow
INSERT INTO shadows (thing, name, version, deleted, desired, reported, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (thing, name) DO UPDATE SET version = excluded.version, deleted = excluded.deleted,
    desired = excluded.desired, reported = excluded.reported, updated_at = excluded.updated_at;

-- name: count_shadows
SELECT count(*) FROM shadows WHERE thing = $1;

-- name: forget_deleted_shadows
DELETE FROM shadows WHERE thing = $1 AND deleted = 1;

-- name: delete_shadows
DELETE FROM shadows WHERE thing = $1;

-- name: named_shadows
SELECT name FROM shadows WHERE thing = $3 AND deleted = 0 AND name > $1 AND name <> '' ORDER BY name LIMIT $2;
