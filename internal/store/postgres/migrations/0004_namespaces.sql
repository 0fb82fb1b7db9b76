-- +goose Up

-- Notices of jobs in a namespace have listeners of their own: namespace '' is
-- the jobs without one, '+' every namespace. What sessions listen to is found
-- anew from their filters: those that end in a wildcard take every namespace.
ALTER TABLE listeners ADD COLUMN namespace text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE listeners ALTER COLUMN namespace DROP DEFAULT;
ALTER TABLE listeners DROP CONSTRAINT listeners_pkey;
ALTER TABLE listeners ADD PRIMARY KEY (thing, namespace, client);
INSERT INTO listeners (thing, namespace, client, topics)
SELECT DISTINCT CASE WHEN thing = '+' THEN '' ELSE thing END, '+', client, 3 FROM (
    SELECT client, substring(filter FROM '^[$]aws/(?:things|[+])/([^/]+)/(?:#|(?:jobs|[+])/[#+])$') AS thing
    FROM subscriptions WHERE qos > 0
    UNION ALL
    SELECT client, '+' FROM subscriptions WHERE qos > 0 AND filter IN ('$aws/#', '$aws/things/#', '$aws/+/#')
) AS found WHERE thing IS NOT NULL;
