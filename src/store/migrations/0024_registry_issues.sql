-- What holders say that cannot all be true: one row an issue, its history in ..._past.
CREATE TABLE registry_issues (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    recording BYTES,
    other_recording BYTES,
    work BYTES,
    reference BYTES,
    other_reference BYTES,
    "right" TEXT NOT NULL,
    territories TEXT NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    amount_e8 INT64 NOT NULL,
    milliseconds INT64 NOT NULL,
    owner TEXT NOT NULL,
    words TEXT NOT NULL,
    opened_us INT64 NOT NULL,
    expires_us INT64 NOT NULL,
    closed_us INT64 NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_issues_state ON registry_issues (catalogue, state, id);
CREATE INDEX registry_issues_recording ON registry_issues (catalogue, recording, state);
CREATE INDEX registry_issues_work ON registry_issues (catalogue, work, state);
CREATE INDEX registry_references_audio ON registry_references (catalogue, audio);

CREATE TABLE registry_issues_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    recording BYTES,
    other_recording BYTES,
    work BYTES,
    reference BYTES,
    other_reference BYTES,
    "right" TEXT NOT NULL,
    territories TEXT NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    amount_e8 INT64 NOT NULL,
    milliseconds INT64 NOT NULL,
    owner TEXT NOT NULL,
    words TEXT NOT NULL,
    opened_us INT64 NOT NULL,
    expires_us INT64 NOT NULL,
    closed_us INT64 NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);
