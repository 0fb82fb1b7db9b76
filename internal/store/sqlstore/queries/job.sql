-- name: job_by_name
SELECT j.id, j.name, j.namespace, j.selection, j.status, j.settings, j.targets, j.members, j.created_at, j.updated_at,
    j.completed_at, j.forced, j.comment, j.reason, j.rollout, j.sweep, j.due, j.version,
    CAST(sum(c.queued) AS bigint), CAST(sum(c.in_progress) AS bigint), CAST(sum(c.succeeded) AS bigint),
    CAST(sum(c.failed) AS bigint), CAST(sum(c.rejected) AS bigint), CAST(sum(c.timed_out) AS bigint),
    CAST(sum(c.canceled) AS bigint), CAST(sum(c.removed) AS bigint), CAST(sum(c.notified) AS bigint),
    CAST(sum(c.wait_failed) AS bigint), CAST(sum(c.wait_timed_out) AS bigint)
FROM jobs j JOIN counters c ON c.job = j.id WHERE j.name = $1 GROUP BY j.id;

-- name: job_by_id
SELECT j.id, j.name, j.namespace, j.selection, j.status, j.settings, j.targets, j.members, j.created_at, j.updated_at,
    j.completed_at, j.forced, j.comment, j.reason, j.rollout, j.sweep, j.due, j.version,
    CAST(sum(c.queued) AS bigint), CAST(sum(c.in_progress) AS bigint), CAST(sum(c.succeeded) AS bigint),
    CAST(sum(c.failed) AS bigint), CAST(sum(c.rejected) AS bigint), CAST(sum(c.timed_out) AS bigint),
    CAST(sum(c.canceled) AS bigint), CAST(sum(c.removed) AS bigint), CAST(sum(c.notified) AS bigint),
    CAST(sum(c.wait_failed) AS bigint), CAST(sum(c.wait_timed_out) AS bigint)
FROM jobs j JOIN counters c ON c.job = j.id WHERE j.id = $1 GROUP BY j.id;

-- name: insert_job
INSERT INTO jobs (name, namespace, selection, created_at, status, settings, targets, members, updated_at, completed_at,
    forced, comment, reason, rollout, sweep, due, rolling, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
ON CONFLICT (name) DO NOTHING RETURNING id;

-- name: insert_document
INSERT INTO documents (job, body) VALUES ($1, $2);

-- name: insert_given_document
INSERT INTO given_documents (job, body) VALUES ($1, $2);

-- name: insert_counters
INSERT INTO counters (job, stripe, queued, in_progress, succeeded, failed, rejected, timed_out, canceled, removed, notified,
    wait_failed, wait_timed_out)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: insert_job_group
INSERT INTO job_groups (job, grp, created_at, following) VALUES ($1, $2, $3, $4) ON CONFLICT (job, grp) DO NOTHING;

-- name: delete_job
DELETE FROM jobs WHERE id = $1;

-- name: delete_given_document
DELETE FROM given_documents WHERE job = $1;

-- name: delete_document
DELETE FROM documents WHERE job = $1;

-- name: delete_counters
DELETE FROM counters WHERE job = $1;

-- name: delete_job_groups
DELETE FROM job_groups WHERE job = $1;

-- name: delete_spent
DELETE FROM spent WHERE job = $1;

-- name: delete_tags
DELETE FROM tags WHERE kind = $1 AND resource = $2;

-- name: count_active
SELECT count(*) FROM jobs WHERE status IN (1, 2);

-- name: count_unfinished
SELECT count(*) FROM jobs WHERE rolling IS NOT NULL AND status = 2;

-- name: unfinished_jobs
SELECT id FROM jobs WHERE rolling IS NOT NULL AND status = 2 ORDER BY id;

-- name: count_deleting
SELECT count(*) FROM jobs WHERE status = 5;

-- name: following_jobs
SELECT job FROM job_groups WHERE grp = $1 AND following IS NOT NULL;

-- name: due_jobs
SELECT id FROM jobs WHERE due <= $1 ORDER BY due, id LIMIT $2;

-- name: next_due
SELECT (SELECT min(due) FROM jobs WHERE due IS NOT NULL),
    (SELECT min(deadline) FROM executions WHERE deadline IS NOT NULL),
    (SELECT 0 FROM thing_groups g WHERE g.gone IS NOT NULL
        AND EXISTS (SELECT 1 FROM members m WHERE m.grp = g.id AND m.gone IS NULL) LIMIT 1);

-- name: given_document
SELECT body FROM given_documents WHERE job = $1;

-- name: document
SELECT body FROM documents WHERE job = $1;

-- name: pending_jobs_by_name
SELECT j.id, j.name, j.namespace, j.selection, j.status, j.settings, j.targets, j.members, j.created_at, j.updated_at,
    j.completed_at, j.forced, j.comment, j.reason, j.rollout, j.sweep, j.due, j.version,
    CAST(sum(c.queued) AS bigint), CAST(sum(c.in_progress) AS bigint), CAST(sum(c.succeeded) AS bigint),
    CAST(sum(c.failed) AS bigint), CAST(sum(c.rejected) AS bigint), CAST(sum(c.timed_out) AS bigint),
    CAST(sum(c.canceled) AS bigint), CAST(sum(c.removed) AS bigint), CAST(sum(c.notified) AS bigint),
    CAST(sum(c.wait_failed) AS bigint), CAST(sum(c.wait_timed_out) AS bigint)
FROM jobs j CROSS JOIN counters c
WHERE c.job = j.id AND j.id IN (SELECT e.job FROM things t CROSS JOIN executions e
    WHERE t.name = $1 AND t.gone IS NULL AND e.thing = t.id AND e.open IS NOT NULL)
GROUP BY j.id;

-- name: insert_job_change
INSERT INTO job_changes (job, number, version, at, who, operation, was, became)
SELECT CAST($1 AS bigint), coalesce((SELECT max(number) FROM job_changes WHERE job = $1), 0) + 1, CAST($2 AS bigint),
    CAST($3 AS bigint), CAST($4 AS text), CAST($5 AS text), CAST($6 AS text), CAST($7 AS text)
RETURNING number;

-- name: delete_old_job_changes
DELETE FROM job_changes WHERE job = $1 AND number <= $2;

-- name: delete_job_changes
DELETE FROM job_changes WHERE job = $1;

-- name: job_changes_before
SELECT number, version, at, who, operation, was, became FROM job_changes
WHERE job = $3 AND number < $1 ORDER BY number DESC LIMIT $2;

-- name: left_of_groups
-- How many things of the groups that job $1 names neither have it nor wait to join
-- it, as the members were at $2.
SELECT count(DISTINCT m.thing) FROM job_groups g CROSS JOIN members m CROSS JOIN things t
    LEFT JOIN executions e ON e.job = $1 AND e.thing = m.thing LEFT JOIN spent s ON s.job = $1 AND s.thing = m.thing
    LEFT JOIN job_joins w ON w.job = $1 AND w.thing = m.thing
WHERE g.job = $1 AND m.grp = g.grp AND t.id = m.thing AND m.joined <= $2 AND (m.gone IS NULL OR m.gone > $2)
    AND t.gone IS NULL AND e.job IS NULL AND s.job IS NULL AND w.job IS NULL;

-- name: joins_left
-- The things that wait to join job $1 and have not got it since, the state of their
-- latest execution, and whether a group that is a target holds them.
SELECT w.thing, coalesce(e.state, 0), CASE WHEN EXISTS (SELECT 1 FROM job_groups g CROSS JOIN members m
        WHERE g.job = $1 AND m.grp = g.grp AND m.thing = w.thing AND m.gone IS NULL) THEN 1 ELSE 0 END
FROM job_joins w CROSS JOIN things t LEFT JOIN executions e ON e.job = $1 AND e.thing = w.thing AND e.number = w.number
WHERE w.job = $1 AND t.id = w.thing AND t.gone IS NULL AND (w.number = 0 OR e.job IS NOT NULL AND e.open IS NULL)
    AND NOT EXISTS (SELECT 1 FROM executions x WHERE x.job = $1 AND x.thing = w.thing AND x.number > w.number)
ORDER BY w.thing;

-- name: in_groups
-- Whether a group that job $1 names held thing $3 when the members were at $2.
SELECT m.grp FROM job_groups g CROSS JOIN members m
WHERE g.job = $1 AND m.grp = g.grp AND m.thing = $3 AND m.joined <= $2 AND (m.gone IS NULL OR m.gone > $2) LIMIT 1;

-- name: insert_job_join
INSERT INTO job_joins (job, thing, number) VALUES ($1, $2, $3)
ON CONFLICT (job, thing) DO UPDATE SET number = excluded.number;

-- name: job_joins
SELECT job, thing, number FROM job_joins WHERE job = $1 ORDER BY thing LIMIT $2;

-- name: delete_job_join
DELETE FROM job_joins WHERE job = $1 AND thing = $2;

-- name: delete_job_joins
DELETE FROM job_joins WHERE job = $1;
