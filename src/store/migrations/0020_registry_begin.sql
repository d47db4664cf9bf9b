-- Who holds what. catalogue: the operator's party, the distribution column of every table here.
CREATE TABLE registry_operator (
    id INT64 NOT NULL PRIMARY KEY CHECK (id = 1),
    catalogue BYTES NOT NULL
) TABLE_END;

-- Grows with every change that may alter a verdict, so that servers look again.
CREATE TABLE registry_generation (
    catalogue BYTES NOT NULL PRIMARY KEY,
    number INT64 NOT NULL
) TABLE_END;

CREATE TABLE registry_parties (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    dpid TEXT,
    isni TEXT,
    ipi TEXT,
    PRIMARY KEY (catalogue, id),
    UNIQUE (catalogue, slug)
) TABLE_END;

CREATE TABLE registry_recordings (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    isrc TEXT,
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    duration_ms INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    UNIQUE (catalogue, isrc)
) TABLE_END_BY(catalogue);

-- audio: hash of the file as it was delivered; fingerprint: hash of the blob that holds it.
CREATE TABLE registry_references (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    recording BYTES NOT NULL,
    party BYTES NOT NULL,
    version INT64 NOT NULL,
    file TEXT NOT NULL,
    audio TEXT,
    fingerprint TEXT,
    duration_ms INT64 NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (catalogue, id),
    UNIQUE (catalogue, audio, recording),
    FOREIGN KEY (catalogue, recording) REFERENCES registry_recordings (catalogue, id)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_references_recording ON registry_references (catalogue, recording, id);
CREATE INDEX registry_references_state ON registry_references (catalogue, state, id);

CREATE TABLE registry_claims (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    recording BYTES NOT NULL,
    party BYTES NOT NULL,
    version INT64 NOT NULL,
    "right" TEXT NOT NULL,
    share_e8 INT64 NOT NULL,
    territories TEXT NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    filed_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    FOREIGN KEY (catalogue, recording) REFERENCES registry_recordings (catalogue, id),
    FOREIGN KEY (catalogue, party) REFERENCES registry_parties (catalogue, id)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_claims_recording ON registry_claims (catalogue, recording, id);
CREATE INDEX registry_claims_party ON registry_claims (catalogue, party, id);

-- recording NULL: every recording in which the party has a claim.
CREATE TABLE registry_policies (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    party BYTES NOT NULL,
    recording BYTES,
    version INT64 NOT NULL,
    action TEXT NOT NULL,
    conditions TEXT NOT NULL,
    territories TEXT NOT NULL,
    apps BYTES NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    FOREIGN KEY (catalogue, party) REFERENCES registry_parties (catalogue, id)
) TABLE_END;
