-- name: owed_to
SELECT o.thing, o.namespace, o.before_job, o.before_number, o.added_job, o.added_number, o.members, o.seq,
    coalesce((SELECT l.topics FROM listeners l WHERE l.thing = o.thing AND l.namespace = o.namespace AND l.client = o.client), 0)
    | coalesce((SELECT l.topics FROM listeners l WHERE l.thing = '' AND l.namespace = o.namespace AND l.client = o.client), 0)
    | CASE WHEN o.namespace = '' THEN 0 ELSE
        coalesce((SELECT l.topics FROM listeners l WHERE l.thing = o.thing AND l.namespace = '+' AND l.client = o.client), 0)
        | coalesce((SELECT l.topics FROM listeners l WHERE l.thing = '' AND l.namespace = '+' AND l.client = o.client), 0) END
FROM owed o WHERE o.client = $1 ORDER BY o.seq;

-- name: pay
DELETE FROM owed WHERE client = $1 AND thing = $2 AND namespace = $3 AND seq <= $4
    AND NOT EXISTS (SELECT 1 FROM listeners l WHERE l.client = $1 AND l.thing IN ($2, '') AND l.namespace IN ($3, $6)
        AND (l.topics & $5) <> 0);

-- name: forgive
-- Nobody is owed what it does not listen to any more.
DELETE FROM owed WHERE client = $1
    AND NOT EXISTS (SELECT 1 FROM listeners l WHERE l.client = $1 AND l.thing IN (owed.thing, '')
        AND (l.namespace = owed.namespace OR l.namespace = '+' AND owed.namespace <> ''));
