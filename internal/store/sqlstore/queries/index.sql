-- name: indexing
SELECT config, build, walked FROM indexing WHERE one = 1;

-- name: put_indexing
INSERT INTO indexing (one, config, build, walked) VALUES (1, $1, $2, $3)
ON CONFLICT (one) DO UPDATE SET config = excluded.config, build = excluded.build, walked = excluded.walked;

-- name: unindex
DELETE FROM index_entries WHERE thing = $1;

-- name: empty_index
DELETE FROM index_entries WHERE (thing, field, n) IN (
    SELECT thing, field, n FROM index_entries ORDER BY thing, field, n LIMIT $1);

-- name: things_behind
SELECT id, name, uid, type, attributes, version, created_at
FROM things WHERE gone IS NULL AND id > $1 ORDER BY id LIMIT $2;
