-- name: execution
SELECT job, thing, number, state, version, forced, queued_at, started_at, updated_at, details, timer, step, retries
FROM executions WHERE job = $1 AND thing = $2 AND number = $3;

-- name: latest_execution
SELECT job, thing, number, state, version, forced, queued_at, started_at, updated_at, details, timer, step, retries
FROM executions WHERE job = $1 AND thing = $2 ORDER BY number DESC LIMIT 1;

-- name: latest_execution_below
SELECT job, thing, number, state, version, forced, queued_at, started_at, updated_at, details, timer, step, retries
FROM executions WHERE job = $1 AND thing = $2 AND number < $3 ORDER BY number DESC LIMIT 1;

-- name: pending_executions
SELECT job, thing, number, state, version, forced, queued_at, started_at, updated_at, details, timer, step, retries
FROM executions WHERE thing = $1 AND open IS NOT NULL ORDER BY queued_at, job, number;

-- name: last_queued
SELECT job, thing, number, state, version, forced, queued_at, started_at, updated_at, details, timer, step, retries
FROM executions WHERE thing = $1 ORDER BY queued_at DESC, job DESC, number DESC LIMIT $2;

-- name: due_executions
SELECT job, thing, number, state, version, forced, queued_at, started_at, updated_at, details, timer, step, retries
FROM executions WHERE deadline <= $1 ORDER BY deadline LIMIT $2;

-- name: due_timers
-- The index has all of it: no row is read.
SELECT job, thing, number FROM executions WHERE deadline <= $1 ORDER BY deadline LIMIT $2;

-- name: executions_behind
-- What has ended is only passed by: its details are not worth reading.
SELECT job, thing, number, state, version, forced, queued_at, started_at, updated_at,
    CASE WHEN open IS NOT NULL THEN details END, timer, step, CASE WHEN open IS NOT NULL THEN retries END,
    CASE WHEN open IS NOT NULL THEN 1 ELSE 0 END
FROM executions WHERE job = $1 AND thing > $2 ORDER BY thing, number LIMIT $3;

-- name: ended_executions
SELECT job, thing, number, state, version, forced, queued_at, started_at, updated_at, details, timer, step, retries
FROM executions WHERE job = $1 AND thing > $2 AND thing <= $3 AND open IS NULL ORDER BY thing, number;

-- name: delete_ended
DELETE FROM executions WHERE job = $1 AND thing > $2 AND thing <= $3 AND open IS NULL;

-- name: delete_gone_things
DELETE FROM things WHERE gone IS NOT NULL AND id > $1 AND id <= $2
    AND NOT EXISTS (SELECT 1 FROM executions e WHERE e.thing = things.id);

-- name: spend
INSERT INTO spent (job, thing) VALUES ($1, $2) ON CONFLICT (job, thing) DO NOTHING;

-- name: candidate
SELECT t.id, t.name,
    CASE WHEN t.gone IS NULL AND NOT EXISTS (SELECT 1 FROM executions e WHERE e.job = $2 AND e.thing = t.id)
        AND NOT EXISTS (SELECT 1 FROM spent s WHERE s.job = $2 AND s.thing = t.id) THEN 1 ELSE 0 END,
    (SELECT x.queued_at FROM executions x WHERE x.thing = t.id ORDER BY x.queued_at DESC LIMIT 1)
FROM things t WHERE t.id = $1;

-- name: looked_at
-- The last of the next $3 things that are or were in a group, and how many they are.
SELECT CAST(coalesce(max(thing), $2) AS bigint), count(*)
FROM (SELECT DISTINCT thing FROM members WHERE grp = $1 AND thing > $2 ORDER BY thing LIMIT $3) AS looked;

-- name: member_behind
SELECT thing FROM members WHERE grp = $1 AND thing > $2 ORDER BY thing LIMIT 1;

-- name: release
-- The first executions of job $4 on up to $6 things of group $1 behind $2 up to $3,
-- as the members were at $5: as job.Fresh and job.Behind say at $7; held to
-- them by the test "an execution is as job.Fresh says" of storetest.Release.
INSERT INTO executions (job, thing, number, state, open, version, forced, queued_at, updated_at)
SELECT CAST($4 AS bigint), m.thing, 1, 1, 1, 1, 0,
    coalesce((SELECT CASE WHEN x.queued_at >= $7 THEN x.queued_at + 1 ELSE $7 END
        FROM executions x WHERE x.thing = m.thing ORDER BY x.queued_at DESC LIMIT 1), $7), CAST($7 AS bigint)
FROM members m CROSS JOIN things t LEFT JOIN executions e ON e.job = $4 AND e.thing = m.thing
    LEFT JOIN spent s ON s.job = $4 AND s.thing = m.thing
WHERE t.id = m.thing AND m.grp = $1 AND m.thing > $2 AND m.thing <= $3
    AND m.joined <= $5 AND (m.gone IS NULL OR m.gone > $5) AND t.gone IS NULL AND e.job IS NULL AND s.job IS NULL
ORDER BY m.thing LIMIT $6
RETURNING thing, (SELECT n.name FROM things n WHERE n.id = executions.thing), queued_at;

-- name: fit_behind
-- The first thing that release would take.
SELECT m.thing FROM members m CROSS JOIN things t LEFT JOIN executions e ON e.job = $4 AND e.thing = m.thing
    LEFT JOIN spent s ON s.job = $4 AND s.thing = m.thing
WHERE t.id = m.thing AND m.grp = $1 AND m.thing > $2 AND m.thing <= $3
    AND m.joined <= $5 AND (m.gone IS NULL OR m.gone > $5) AND t.gone IS NULL AND e.job IS NULL AND s.job IS NULL
ORDER BY m.thing LIMIT 1;

-- name: pending_of
-- As few columns as will do: each costs as much as finding the row.
SELECT t.id, t.name, e.number,
    e.job, e.thing, e.number, e.state, e.version, e.forced, e.queued_at, e.started_at, e.updated_at, e.details, e.timer,
    e.step, e.retries,
    j.id, j.name, j.namespace, j.status, j.settings, j.completed_at, j.forced, j.rollout, j.sweep
FROM things t LEFT JOIN executions e ON e.thing = t.id AND e.open IS NOT NULL LEFT JOIN jobs j ON j.id = e.job
WHERE t.name = $1 AND t.gone IS NULL ORDER BY e.queued_at, e.job, e.number;

-- name: execution_of
SELECT e.job, e.thing, e.number, e.state, e.version, e.forced, e.queued_at, e.started_at, e.updated_at, e.details,
    e.timer, e.step, e.retries,
    j.id, j.name, j.namespace, j.selection, j.status, j.settings, j.targets, j.members, j.created_at, j.updated_at,
    j.completed_at, j.forced, j.comment, j.reason, j.rollout, j.sweep, j.due, j.version,
    t.id, t.name, t.uid, t.type, t.attributes, t.version, t.created_at
FROM things t CROSS JOIN jobs j CROSS JOIN executions e
WHERE t.name = $1 AND t.gone IS NULL AND j.name = $2 AND e.job = j.id AND e.thing = t.id
    AND (CAST($3 AS bigint) = 0 OR e.number = $3) ORDER BY e.number DESC LIMIT 1;

-- name: latest_by_names
SELECT e.job, e.thing, e.number, e.state, e.version, e.forced, e.queued_at, e.started_at, e.updated_at, e.details,
    e.timer, e.step, e.retries
FROM things t CROSS JOIN jobs j CROSS JOIN executions e
WHERE t.name = $1 AND t.gone IS NULL AND j.name = $2 AND e.job = j.id AND e.thing = t.id
ORDER BY e.number DESC LIMIT 1;

-- name: pending_by_name
SELECT e.job, e.thing, e.number, e.state, e.version, e.forced, e.queued_at, e.started_at, e.updated_at, e.details,
    e.timer, e.step, e.retries
FROM things t CROSS JOIN executions e
WHERE t.name = $1 AND t.gone IS NULL AND e.thing = t.id AND e.open IS NOT NULL ORDER BY e.queued_at, e.job, e.number;

-- name: last_queued_by_name
SELECT e.thing, e.queued_at FROM things t CROSS JOIN executions e
WHERE t.name = $1 AND t.gone IS NULL AND e.thing = t.id ORDER BY e.queued_at DESC LIMIT 1;
