-- +goose Up

-- Notices of jobs in a namespace have listeners of their own: namespace '' is
-- the jobs without one, '+' every namespace. What sessions listen to is found
-- anew from their filters: those that end in a wildcard take every namespace.
CREATE TABLE listeners_4 (
    thing     TEXT NOT NULL,
    namespace TEXT NOT NULL,
    client    TEXT NOT NULL,
    topics    INTEGER NOT NULL, -- bits, in the order of Options.Notices
    PRIMARY KEY (thing, namespace, client)
) STRICT, WITHOUT ROWID;
INSERT INTO listeners_4 (thing, namespace, client, topics) SELECT thing, '', client, topics FROM listeners;
INSERT INTO listeners_4 (thing, namespace, client, topics)
SELECT DISTINCT CASE WHEN thing = '+' THEN '' ELSE thing END, '+', client, 3 FROM (
    SELECT client, substr(rest, 1, length(rest) - length(ending.text)) AS thing
    FROM (
        SELECT s.client, substr(s.filter, length(beginning.text) + 1) AS rest
        FROM subscriptions s CROSS JOIN (SELECT '$aws/things/' AS text UNION ALL SELECT '$aws/+/') AS beginning
        WHERE s.qos > 0 AND substr(s.filter, 1, length(beginning.text)) = beginning.text
    ) CROSS JOIN (SELECT '/#' AS text UNION ALL SELECT '/jobs/#' UNION ALL SELECT '/+/#'
        UNION ALL SELECT '/jobs/+' UNION ALL SELECT '/+/+') AS ending
    WHERE substr(rest, -length(ending.text)) = ending.text
    UNION ALL
    SELECT client, '+' FROM subscriptions WHERE qos > 0 AND filter IN ('$aws/#', '$aws/things/#', '$aws/+/#')
) WHERE thing <> '' AND instr(thing, '/') = 0;
DROP TABLE listeners;
ALTER TABLE listeners_4 RENAME TO listeners;
CREATE INDEX listeners_client ON listeners (client);
