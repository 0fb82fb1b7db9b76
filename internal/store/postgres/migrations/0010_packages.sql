-- +goose Up

CREATE TABLE packages (
    name            text COLLATE "C" PRIMARY KEY,
    description     text NOT NULL,
    default_version text NOT NULL, -- empty is none
    created_at      bigint NOT NULL,
    changed_at      bigint NOT NULL
);

CREATE TABLE package_versions (
    package     text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    description text NOT NULL,
    attributes  text,
    artifact    text NOT NULL,
    recipe      text NOT NULL,
    status      bigint NOT NULL,
    created_at  bigint NOT NULL,
    changed_at  bigint NOT NULL,
    PRIMARY KEY (package, name)
);

CREATE TABLE package_config (
    id   bigint PRIMARY KEY,
    body text NOT NULL
);

-- What clients have asked for under a token of theirs.
CREATE TABLE tokens (
    token   text COLLATE "C" PRIMARY KEY,
    input   text NOT NULL,
    used_at bigint NOT NULL
);
CREATE INDEX tokens_used ON tokens (used_at);
