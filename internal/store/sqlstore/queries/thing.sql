-- name: thing_by_name
SELECT id, name, uid, type, attributes, version, created_at FROM things WHERE name = $1 AND gone IS NULL;

-- name: thing_by_id
SELECT id, name, uid, type, attributes, version, created_at FROM things WHERE id = $1;
