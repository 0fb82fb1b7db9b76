-- name: template
SELECT name, settings, created_at, body FROM job_templates WHERE name = $1;

-- name: insert_template
INSERT INTO job_templates (name, settings, created_at, body) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING;

-- name: delete_template
DELETE FROM job_templates WHERE name = $1;

-- name: count_templates
SELECT count(*) FROM job_templates;

-- name: templates
SELECT name, settings, created_at FROM job_templates WHERE name > $1 ORDER BY name LIMIT $2;
