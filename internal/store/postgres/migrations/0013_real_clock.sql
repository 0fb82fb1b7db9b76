-- +goose Up

-- The first commit of all notes that times are of the real clock. What was
-- there before without a virtual time is of it too.
INSERT INTO meta (name, value)
SELECT 'real', 1
WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'clock')
  AND (EXISTS (SELECT 1 FROM things) OR EXISTS (SELECT 1 FROM thing_groups) OR EXISTS (SELECT 1 FROM thing_types)
    OR EXISTS (SELECT 1 FROM jobs) OR EXISTS (SELECT 1 FROM job_templates) OR EXISTS (SELECT 1 FROM packages)
    OR EXISTS (SELECT 1 FROM connections));
