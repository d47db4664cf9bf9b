-- Simple grants. networks, apps: ids one after the other; empty means every one.
CREATE TABLE licence_licences (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    licensor BYTES NOT NULL,
    version INT64 NOT NULL,
    name TEXT NOT NULL,
    networks BYTES NOT NULL,
    apps BYTES NOT NULL,
    territories TEXT NOT NULL,
    uses TEXT NOT NULL,
    models TEXT NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    clip_seconds INT64 NOT NULL,
    ended INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    FOREIGN KEY (catalogue, licensor) REFERENCES registry_parties (catalogue, id)
) TABLE_END;
