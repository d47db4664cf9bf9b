-- Networks of the operator, and what each has published as its rules.
CREATE TABLE access_networks (
    id BYTES NOT NULL PRIMARY KEY,
    version INT64 NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    unlicensed TEXT NOT NULL,
    unmatched TEXT NOT NULL,
    conflict_rule TEXT NOT NULL,
    unheard TEXT NOT NULL,
    suspended TEXT NOT NULL,
    closed TEXT NOT NULL
) TABLE_END;

CREATE TABLE access_apps (
    network BYTES NOT NULL REFERENCES access_networks (id),
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    contact TEXT NOT NULL,
    model TEXT NOT NULL,
    clip_seconds INT64 NOT NULL,
    download INT64 NOT NULL,
    offline INT64 NOT NULL,
    suspended INT64 NOT NULL,
    PRIMARY KEY (network, id),
    UNIQUE (network, slug)
) TABLE_END;

CREATE INDEX access_apps_id ON access_apps (id);

-- What a key is and may do; its secret is computed from the master key, never kept.
CREATE TABLE access_keys (
    id BYTES NOT NULL PRIMARY KEY,
    version INT64 NOT NULL,
    network BYTES,
    app BYTES,
    party BYTES,
    name TEXT NOT NULL,
    scopes INT64 NOT NULL,
    generation INT64 NOT NULL,
    revoked INT64 NOT NULL,
    made INT64 NOT NULL,
    until INT64 NOT NULL,
    FOREIGN KEY (network, app) REFERENCES access_apps (network, id)
) TABLE_END;

CREATE INDEX access_keys_app ON access_keys (app, id);

-- People: of the installation (network: 16 zero bytes) or uploaders of a network.
CREATE TABLE access_users (
    network BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    party BYTES,
    suspended INT64 NOT NULL,
    password TEXT,
    made INT64 NOT NULL,
    PRIMARY KEY (network, id),
    UNIQUE (network, slug)
) TABLE_END_BY(network);

-- One-time links and sessions, by the hash of what the person holds.
CREATE TABLE access_tokens (
    network BYTES NOT NULL,
    hash BYTES NOT NULL,
    kind TEXT NOT NULL,
    person BYTES NOT NULL,
    until INT64 NOT NULL,
    PRIMARY KEY (network, hash),
    FOREIGN KEY (network, person) REFERENCES access_users (network, id)
) TABLE_END;

CREATE INDEX access_tokens_until ON access_tokens (until);
