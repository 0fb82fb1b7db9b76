-- name: package
SELECT name, description, default_version, created_at, changed_at FROM packages WHERE name = $1;

-- name: packages
SELECT name, description, default_version, created_at, changed_at FROM packages WHERE name > $1 ORDER BY name LIMIT $2;

-- name: put_package
INSERT INTO packages (name, description, default_version, created_at, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name) DO UPDATE SET description = excluded.description, default_version = excluded.default_version,
    changed_at = excluded.changed_at;

-- name: delete_package
DELETE FROM packages WHERE name = $1;

-- name: package_version
SELECT package, name, description, attributes, artifact, recipe, status, created_at, changed_at
FROM package_versions WHERE package = $1 AND name = $2;

-- name: package_versions
SELECT package, name, description, attributes, artifact, recipe, status, created_at, changed_at
FROM package_versions WHERE package = $3 AND name > $1 ORDER BY name LIMIT $2;

-- name: put_package_version
INSERT INTO package_versions (package, name, description, attributes, artifact, recipe, status, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (package, name) DO UPDATE SET description = excluded.description, attributes = excluded.attributes,
    artifact = excluded.artifact, recipe = excluded.recipe, status = excluded.status, changed_at = excluded.changed_at;

-- name: delete_package_version
DELETE FROM package_versions WHERE package = $1 AND name = $2;

-- name: package_config
SELECT body FROM package_config WHERE id = 1;

-- name: put_package_config
INSERT INTO package_config (id, body) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET body = excluded.body;

-- name: token
SELECT input FROM tokens WHERE token = $1;

-- name: put_token
INSERT INTO tokens (token, input, used_at) VALUES ($1, $2, $3);

-- name: forget_tokens
DELETE FROM tokens WHERE used_at < $1 OR token IN (
    SELECT token FROM tokens ORDER BY used_at DESC, token LIMIT 1000 OFFSET $2
);
