-- name: any_listener
SELECT 1 FROM listeners LIMIT 1;

-- name: last_owed
SELECT CAST(coalesce(max(seq), 0) AS bigint) FROM owed;

-- name: owe
-- A notice is added to what is owed already as job.Notice.Owe; held to it by the
-- test "what is owed is as job.Notice.Owe says" of storetest.Debts.
INSERT INTO owed (client, thing, namespace, before_job, before_number, added_job, added_number, members, seq)
SELECT DISTINCT client, CAST($1 AS text), CAST($2 AS text), CAST($3 AS bigint), CAST($4 AS bigint), CAST($5 AS bigint),
    CAST($6 AS bigint), CAST($7 AS bigint), CAST($8 AS bigint)
FROM listeners WHERE thing IN ($1, '') AND namespace IN ($2, $9)
ON CONFLICT (client, thing, namespace) DO UPDATE SET
    before_job = CASE WHEN excluded.added_job <> 0 THEN owed.before_job
        WHEN owed.added_job <> 0 AND NOT (excluded.before_job = owed.added_job AND excluded.before_number = owed.added_number)
        THEN excluded.before_job
        WHEN owed.added_job <> 0 OR excluded.before_job <> owed.before_job OR excluded.before_number <> owed.before_number
        THEN -1 ELSE owed.before_job END,
    before_number = CASE WHEN owed.added_job <> 0 AND excluded.added_job = 0
        AND NOT (excluded.before_job = owed.added_job AND excluded.before_number = owed.added_number)
        THEN excluded.before_number ELSE owed.before_number END,
    added_number = CASE WHEN owed.added_job <> 0 AND excluded.added_job = 0 THEN 0 ELSE owed.added_number END,
    added_job = CASE WHEN owed.added_job <> 0 AND excluded.added_job = 0 THEN 0 ELSE owed.added_job END,
    members = CASE WHEN excluded.members = 1 THEN 1 ELSE owed.members END,
    seq = excluded.seq;
