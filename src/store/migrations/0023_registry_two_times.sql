-- Every record: since when its version is known (0: before this was kept), and the versions before
-- it in ..._past. A claim is on a recording or on a work.
ALTER TABLE registry_parties ADD COLUMN known_us INT64 NOT NULL DEFAULT 0;
ALTER TABLE registry_parties ADD COLUMN withdrawn INT64 NOT NULL DEFAULT 0;
ALTER TABLE registry_recordings ADD COLUMN known_us INT64 NOT NULL DEFAULT 0;
ALTER TABLE registry_recordings ADD COLUMN withdrawn INT64 NOT NULL DEFAULT 0;
ALTER TABLE registry_references ADD COLUMN known_us INT64 NOT NULL DEFAULT 0;
ALTER TABLE registry_references ADD COLUMN withdrawn INT64 NOT NULL DEFAULT 0;
ALTER TABLE registry_policies ADD COLUMN known_us INT64 NOT NULL DEFAULT 0;
ALTER TABLE registry_policies ADD COLUMN except_apps BYTES;
ALTER TABLE registry_policies ADD COLUMN source BYTES;

CREATE TABLE registry_parties_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    dpid TEXT,
    isni TEXT,
    ipi TEXT,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END;

CREATE TABLE registry_recordings_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    isrc TEXT,
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    duration_ms INT64 NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);

CREATE TABLE registry_references_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    recording BYTES NOT NULL,
    party BYTES NOT NULL,
    file TEXT NOT NULL,
    audio TEXT,
    fingerprint TEXT,
    duration_ms INT64 NOT NULL,
    state TEXT NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);

CREATE TABLE registry_policies_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    party BYTES NOT NULL,
    recording BYTES,
    action TEXT NOT NULL,
    conditions TEXT NOT NULL,
    territories TEXT NOT NULL,
    apps BYTES NOT NULL,
    except_apps BYTES,
    source BYTES,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END;

CREATE TABLE registry_works (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    iswc TEXT,
    title TEXT NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    UNIQUE (catalogue, iswc)
) TABLE_END_BY(catalogue);

CREATE TABLE registry_works_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    iswc TEXT,
    title TEXT NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);

-- The claims anew: recording or work.
CREATE TABLE registry_claims_both (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    recording BYTES,
    work BYTES,
    party BYTES NOT NULL,
    source BYTES,
    "right" TEXT NOT NULL,
    share_e8 INT64 NOT NULL,
    territories TEXT NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    filed_us INT64 NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    FOREIGN KEY (catalogue, recording) REFERENCES registry_recordings (catalogue, id),
    FOREIGN KEY (catalogue, work) REFERENCES registry_works (catalogue, id),
    FOREIGN KEY (catalogue, party) REFERENCES registry_parties (catalogue, id)
) TABLE_END_BY(catalogue);

INSERT INTO registry_claims_both (catalogue, id, version, recording, work, party, source, "right",
    share_e8, territories, from_us, until_us, filed_us, known_us, withdrawn)
SELECT catalogue, id, version, recording, NULL, party, NULL, "right",
    share_e8, territories, from_us, until_us, filed_us, filed_us, withdrawn FROM registry_claims;

DROP TABLE registry_claims;
ALTER TABLE registry_claims_both RENAME TO registry_claims;
CREATE INDEX registry_claims_recording ON registry_claims (catalogue, recording, id);
CREATE INDEX registry_claims_work ON registry_claims (catalogue, work, id);
CREATE INDEX registry_claims_party ON registry_claims (catalogue, party, id);

CREATE TABLE registry_claims_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    recording BYTES,
    work BYTES,
    party BYTES NOT NULL,
    source BYTES,
    "right" TEXT NOT NULL,
    share_e8 INT64 NOT NULL,
    territories TEXT NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    filed_us INT64 NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_claims_past_recording ON registry_claims_past (catalogue, recording, id);
CREATE INDEX registry_claims_past_party ON registry_claims_past (catalogue, party, id);

CREATE TABLE registry_recording_works (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    recording BYTES NOT NULL,
    work BYTES NOT NULL,
    share_e8 INT64 NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    FOREIGN KEY (catalogue, recording) REFERENCES registry_recordings (catalogue, id),
    FOREIGN KEY (catalogue, work) REFERENCES registry_works (catalogue, id)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_recording_works_recording ON registry_recording_works (catalogue, recording);
CREATE INDEX registry_recording_works_work ON registry_recording_works (catalogue, work);

CREATE TABLE registry_recording_works_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    recording BYTES NOT NULL,
    work BYTES NOT NULL,
    share_e8 INT64 NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);

CREATE TABLE registry_relations (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    recording BYTES NOT NULL,
    kind TEXT NOT NULL,
    "of" BYTES NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    FOREIGN KEY (catalogue, recording) REFERENCES registry_recordings (catalogue, id),
    FOREIGN KEY (catalogue, "of") REFERENCES registry_recordings (catalogue, id)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_relations_recording ON registry_relations (catalogue, recording);
CREATE INDEX registry_relations_of ON registry_relations (catalogue, "of");

CREATE TABLE registry_relations_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    recording BYTES NOT NULL,
    kind TEXT NOT NULL,
    "of" BYTES NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);

CREATE TABLE registry_releases (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    gtin TEXT,
    grid TEXT,
    title TEXT NOT NULL,
    artist TEXT,
    kind TEXT NOT NULL,
    party BYTES,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    UNIQUE (catalogue, gtin),
    UNIQUE (catalogue, grid)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_releases_party ON registry_releases (catalogue, party, id);

CREATE TABLE registry_releases_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    gtin TEXT,
    grid TEXT,
    title TEXT NOT NULL,
    artist TEXT,
    kind TEXT NOT NULL,
    party BYTES,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);

CREATE TABLE registry_tracks (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    release BYTES NOT NULL,
    recording BYTES NOT NULL,
    volume INT64 NOT NULL,
    number INT64 NOT NULL,
    title TEXT,
    known_us INT64 NOT NULL,
    withdrawn INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    FOREIGN KEY (catalogue, release) REFERENCES registry_releases (catalogue, id),
    FOREIGN KEY (catalogue, recording) REFERENCES registry_recordings (catalogue, id)
) TABLE_END_BY(catalogue);

CREATE INDEX registry_tracks_release ON registry_tracks (catalogue, release, volume, number);
CREATE INDEX registry_tracks_recording ON registry_tracks (catalogue, recording);

CREATE TABLE registry_tracks_past (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    release BYTES NOT NULL,
    recording BYTES NOT NULL,
    volume INT64 NOT NULL,
    number INT64 NOT NULL,
    title TEXT,
    known_us INT64 NOT NULL,
    known_until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id, version)
) TABLE_END_BY(catalogue);
