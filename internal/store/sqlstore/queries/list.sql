-- name: job_keys_at
SELECT id, created_at, name, status, selection, namespace
FROM jobs WHERE created_at = $1 AND name > $2 ORDER BY name LIMIT $3;

-- name: job_keys_before
SELECT id, created_at, name, status, selection, namespace
FROM jobs WHERE created_at < $1 ORDER BY created_at DESC, name LIMIT $2;

-- name: job_keys_of_group
SELECT j.id, j.created_at, j.name, j.status, j.selection, j.namespace
FROM job_groups g CROSS JOIN jobs j
WHERE j.id = g.job AND g.grp = $4 AND g.created_at <= $1 AND (g.created_at < $1 OR j.name > $2)
ORDER BY g.created_at DESC, j.name LIMIT $3;

-- name: execution_keys_of_job
SELECT job, thing, number, queued_at, state
FROM executions WHERE job = $4 AND (thing, number) > ($1, $2) ORDER BY thing, number LIMIT $3;

-- name: execution_keys_of_thing
SELECT job, thing, number, queued_at, state
FROM executions WHERE thing = $5 AND (queued_at, job, number) < ($1, $2, $3)
ORDER BY queued_at DESC, job DESC, number DESC LIMIT $4;

-- name: execution_keys_with_namespace
SELECT e.job, e.thing, e.number, e.queued_at, e.state, j.namespace
FROM executions e CROSS JOIN jobs j
WHERE j.id = e.job AND e.thing = $5 AND (e.queued_at, e.job, e.number) < ($1, $2, $3)
ORDER BY e.queued_at DESC, e.job DESC, e.number DESC LIMIT $4;

-- name: execution_keys_of_both
SELECT job, thing, number, queued_at, state
FROM executions WHERE job = $6 AND thing = $5 AND (queued_at, job, number) < ($1, $2, $3)
ORDER BY queued_at DESC, job DESC, number DESC LIMIT $4;

-- name: execution_and_thing
SELECT e.job, e.thing, e.number, e.state, e.version, e.forced, e.queued_at, e.started_at, e.updated_at, e.details, e.timer,
    e.step, e.retries, t.id, t.name, t.uid, t.type, t.attributes, t.version, t.created_at
FROM executions e CROSS JOIN things t
WHERE t.id = e.thing AND e.job = $1 AND e.thing = $2 AND e.number = $3;
