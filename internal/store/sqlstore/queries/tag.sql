-- name: tags
SELECT key, value FROM tags WHERE kind = $1 AND resource = $2 ORDER BY key;

-- name: tags_behind
SELECT key, value FROM tags WHERE kind = $3 AND resource = $4 AND key > $1 ORDER BY key LIMIT $2;

-- name: put_tag
INSERT INTO tags (kind, resource, key, value) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, resource, key) DO UPDATE SET value = excluded.value;

-- name: delete_tag
DELETE FROM tags WHERE kind = $1 AND resource = $2 AND key = $3;
