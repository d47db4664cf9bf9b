-- Claims on uploads, and what holds them back: sources on probation, allow-lists, spans of
-- references that are not owned, exceptions that uploaders claim.
CREATE TABLE registry_sources (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    party BYTES NOT NULL,
    state TEXT NOT NULL,
    most INT64 NOT NULL,
    words TEXT NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    UNIQUE (catalogue, party)
) TABLE_END;


CREATE TABLE registry_sources_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    party BYTES NOT NULL,
    state TEXT NOT NULL,
    most INT64 NOT NULL,
    words TEXT NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END;

CREATE TABLE registry_allowances (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    party BYTES NOT NULL,
    recording BYTES,
    network BYTES,
    app BYTES,
    uploader TEXT NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    words TEXT NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id)
) TABLE_END;

CREATE INDEX registry_allowances_network
    ON registry_allowances (catalogue, COALESCE(network, catalogue), id);

CREATE TABLE registry_allowances_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    party BYTES NOT NULL,
    recording BYTES,
    network BYTES,
    app BYTES,
    uploader TEXT NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    words TEXT NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END;

CREATE TABLE registry_exclusions (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    reference BYTES NOT NULL,
    from_ms INT64 NOT NULL,
    until_ms INT64 NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_exclusions_reference ON registry_exclusions (catalogue, reference, id);

CREATE TABLE registry_exclusions_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    reference BYTES NOT NULL,
    from_ms INT64 NOT NULL,
    until_ms INT64 NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);

CREATE TABLE registry_exceptions (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    upload BYTES NOT NULL,
    network BYTES NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_exceptions_upload ON registry_exceptions (catalogue, upload, id);

CREATE TABLE registry_exceptions_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    upload BYTES NOT NULL,
    network BYTES NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);

CREATE TABLE registry_upload_claims (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    upload BYTES NOT NULL,
    network BYTES NOT NULL,
    recording BYTES NOT NULL,
    party BYTES NOT NULL,
    source BYTES,
    reference BYTES,
    policy BYTES,
    action TEXT NOT NULL,
    origin TEXT NOT NULL,
    state TEXT NOT NULL,
    matched_ms INT64 NOT NULL,
    longest_ms INT64 NOT NULL,
    reference_matched_ms INT64 NOT NULL,
    segments INT64 NOT NULL,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    opened_us INT64 NOT NULL,
    due_us INT64 NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_upload_claims_upload ON registry_upload_claims (catalogue, upload, id);
CREATE INDEX registry_upload_claims_party ON registry_upload_claims (catalogue, party, id);
CREATE INDEX registry_upload_claims_source ON registry_upload_claims (catalogue, source, state);
CREATE INDEX registry_upload_claims_reference ON registry_upload_claims (catalogue, reference, id);
CREATE INDEX registry_upload_claims_state ON registry_upload_claims (catalogue, state, id);

CREATE TABLE registry_upload_claims_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    upload BYTES NOT NULL,
    network BYTES NOT NULL,
    recording BYTES NOT NULL,
    party BYTES NOT NULL,
    source BYTES,
    reference BYTES,
    policy BYTES,
    action TEXT NOT NULL,
    origin TEXT NOT NULL,
    state TEXT NOT NULL,
    matched_ms INT64 NOT NULL,
    longest_ms INT64 NOT NULL,
    reference_matched_ms INT64 NOT NULL,
    segments INT64 NOT NULL,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    opened_us INT64 NOT NULL,
    due_us INT64 NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);
