-- name: group_by_name
SELECT g.id, g.name, g.uid, g.parent, p.name, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM thing_groups g LEFT JOIN thing_groups p ON p.id = g.parent WHERE g.name = $1 AND g.gone IS NULL;

-- name: group_by_id
SELECT g.id, g.name, g.uid, g.parent, p.name, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM thing_groups g LEFT JOIN thing_groups p ON p.id = g.parent WHERE g.id = $1;

-- name: insert_group
INSERT INTO thing_groups (name, uid, parent, depth, description, attributes, version, created_at, query, build, walked)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (name) WHERE gone IS NULL DO NOTHING RETURNING id;

-- name: update_group
UPDATE thing_groups SET description = $2, attributes = $3, version = $4, query = $5, build = $6, walked = $7
WHERE id = $1 AND gone IS NULL;

-- name: bury_group
UPDATE thing_groups SET gone = $2 WHERE id = $1 AND gone IS NULL;

-- name: gone_groups
-- The deepest first: while a child has members, its parents have.
SELECT g.id, g.name, g.uid, g.parent, p.name, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM thing_groups g LEFT JOIN thing_groups p ON p.id = g.parent
WHERE g.gone IS NOT NULL AND EXISTS (SELECT 1 FROM members m WHERE m.grp = g.id AND m.gone IS NULL)
ORDER BY g.depth DESC, g.id LIMIT $1;

-- name: forget_group
-- A gone parent stays while a gone child leads to it.
DELETE FROM thing_groups WHERE id = $1 AND gone IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM thing_groups c WHERE c.parent = thing_groups.id)
    AND NOT EXISTS (SELECT 1 FROM members m WHERE m.grp = thing_groups.id AND m.gone IS NULL)
RETURNING parent;

-- name: count_children
SELECT count(*) FROM thing_groups WHERE parent = $1 AND gone IS NULL;

-- name: groups
SELECT g.id, g.name, g.uid, g.parent, p.name, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM thing_groups g LEFT JOIN thing_groups p ON p.id = g.parent
WHERE g.gone IS NULL AND g.name >= $1 AND g.name < $2 ORDER BY g.name LIMIT $3;

-- name: groups_of_parent
SELECT g.id, g.name, g.uid, g.parent, p.name, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM thing_groups g LEFT JOIN thing_groups p ON p.id = g.parent
WHERE g.parent = $4 AND g.gone IS NULL AND g.name >= $1 AND g.name < $2 ORDER BY g.name LIMIT $3;

-- name: groups_below
-- What is looked at is the subtree itself.
WITH RECURSIVE below (id, name) AS (
    SELECT id, name FROM thing_groups WHERE parent = $4 AND gone IS NULL
    UNION ALL
    SELECT c.id, c.name FROM below b JOIN thing_groups c ON c.parent = b.id AND c.gone IS NULL
)
SELECT g.id, g.name, g.uid, g.parent, p.name, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM (SELECT id FROM below WHERE name >= $1 AND name < $2 ORDER BY name LIMIT $3) b
JOIN thing_groups g ON g.id = b.id LEFT JOIN thing_groups p ON p.id = g.parent ORDER BY g.name;

-- name: ancestors
WITH RECURSIVE above (id) AS (
    SELECT parent FROM thing_groups WHERE id = $1
    UNION ALL
    SELECT g.parent FROM above a JOIN thing_groups g ON g.id = a.id
)
SELECT g.id, g.name, g.uid, g.parent, p.name, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM above a JOIN thing_groups g ON g.id = a.id LEFT JOIN thing_groups p ON p.id = g.parent ORDER BY g.depth;

-- name: groups_of_thing
SELECT g.id, g.name, g.uid, g.parent, p.name, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM members m CROSS JOIN thing_groups g LEFT JOIN thing_groups p ON p.id = g.parent
WHERE g.id = m.grp AND m.thing = $3 AND m.gone IS NULL AND m.direct = 1 AND g.gone IS NULL AND g.name > $1
ORDER BY g.name LIMIT $2;

-- name: dynamic_group
SELECT g.id, g.name, g.uid, g.parent, NULL, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM thing_groups g WHERE g.id = $1 AND g.query IS NOT NULL AND g.gone IS NULL;

-- name: dynamic_groups
SELECT g.id, g.name, g.uid, g.parent, NULL, g.depth, g.description, g.attributes, g.version, g.created_at,
    g.query, g.build, g.walked
FROM thing_groups g WHERE g.query IS NOT NULL AND g.gone IS NULL ORDER BY g.id;

-- name: count_walking_groups
SELECT count(*) FROM thing_groups WHERE query IS NOT NULL AND gone IS NULL AND build IN ($1, $2);
