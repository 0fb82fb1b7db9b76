-- name: membership
SELECT joined, direct FROM members WHERE grp = $1 AND thing = $2 AND gone IS NULL;

-- name: join
INSERT INTO members (grp, thing, joined, direct) VALUES ($1, $2, $3, $4);

-- name: rejoin
-- Who left and came back in one transaction never left.
UPDATE members SET gone = NULL, direct = $4 WHERE grp = $1 AND thing = $2 AND gone = $3;

-- name: turn
UPDATE members SET direct = $3 WHERE grp = $1 AND thing = $2 AND gone IS NULL;

-- name: leave
UPDATE members SET gone = $3 WHERE grp = $1 AND thing = $2 AND gone IS NULL;

-- name: unjoin
DELETE FROM members WHERE grp = $1 AND thing = $2 AND gone IS NULL;

-- name: next_member_sequence
INSERT INTO meta (name, value) VALUES ('members', 1)
ON CONFLICT (name) DO UPDATE SET value = meta.value + 1 RETURNING value;

-- name: groups_of
SELECT grp, direct FROM members WHERE thing = $1 AND gone IS NULL;

-- name: members
SELECT t.id, t.name, t.uid, t.type, t.attributes, t.version, t.created_at
FROM members m CROSS JOIN things t
WHERE t.id = m.thing AND t.gone IS NULL AND m.grp = $3 AND m.thing > $1 AND m.gone IS NULL AND m.direct = 1
ORDER BY m.thing LIMIT $2;

-- name: members_below
SELECT t.id, t.name, t.uid, t.type, t.attributes, t.version, t.created_at
FROM members m CROSS JOIN things t
WHERE t.id = m.thing AND t.gone IS NULL AND m.grp = $3 AND m.thing > $1 AND m.gone IS NULL
ORDER BY m.thing LIMIT $2;

-- name: sweep_members
-- The oldest snapshot that is still rolling out sees what went after it.
DELETE FROM members WHERE (grp, thing, joined) IN (
    SELECT grp, thing, joined FROM members WHERE gone IS NOT NULL
        AND gone <= coalesce((SELECT min(members) FROM jobs WHERE rolling IS NOT NULL), 9223372036854775807)
    ORDER BY gone LIMIT $1);
