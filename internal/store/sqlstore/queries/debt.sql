-- name: owed_to
SELECT o.thing, o.namespace, o.before_job, o.before_number, o.added_job, o.added_number, o.members, o.seq,
    coalesce((SELECT l.topics FROM listeners l WHERE l.thing = o.thing AND l.client = o.client), 0)
    | coalesce((SELECT l.topics FROM listeners l WHERE l.thing = '' AND l.client = o.client), 0)
FROM owed o WHERE o.client = $1 ORDER BY o.seq;

-- name: pay
DELETE FROM owed WHERE client = $1 AND thing = $2 AND namespace = $3 AND seq <= $4
    AND NOT EXISTS (SELECT 1 FROM listeners l WHERE l.client = $1 AND l.thing IN ($2, '') AND (l.topics & $5) <> 0);

-- name: forgive
-- Nobody is owed what it does not listen to any more.
DELETE FROM owed WHERE client = $1
    AND NOT EXISTS (SELECT 1 FROM listeners l WHERE l.client = $1 AND l.thing IN (owed.thing, ''));
