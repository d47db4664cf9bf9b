-- What users upload. blob, fingerprint, waveform: hashes of what is kept, or NULL.
CREATE TABLE uploads (
    network BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    app BYTES,
    uploader TEXT NOT NULL,
    file TEXT NOT NULL,
    blob TEXT,
    size_bytes INT64 NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('receiving', 'received', 'heard', 'failed', 'withdrawn')),
    error TEXT,
    title TEXT,
    artist TEXT,
    duration_ms INT64 NOT NULL,
    facts TEXT,
    fingerprint TEXT,
    waveform TEXT,
    heard_in_part INT64 NOT NULL,
    preview_start_ms INT64 NOT NULL,
    preview_length_ms INT64 NOT NULL,
    preview_rule TEXT NOT NULL,
    received INT64 NOT NULL,
    heard INT64 NOT NULL,
    PRIMARY KEY (id, network)
) TABLE_END_BY(network);

CREATE INDEX uploads_of_network ON uploads (network, id);
CREATE INDEX uploads_of_state ON uploads (state, id);
CREATE INDEX uploads_of_uploader ON uploads (network, uploader, id);
CREATE INDEX uploads_of_blob ON uploads (blob);

-- Spans of an upload that are spans of a reference. Speed in 10^-6, pitch in 10^-2 semitones,
-- score in 10^-6, p_false as 1000 log10.
CREATE TABLE matches (
    network BYTES NOT NULL,
    upload BYTES NOT NULL,
    id BYTES NOT NULL,
    reference BYTES NOT NULL,
    recording BYTES NOT NULL,
    upload_from_ms INT64 NOT NULL,
    upload_to_ms INT64 NOT NULL,
    reference_from_ms INT64 NOT NULL,
    reference_to_ms INT64 NOT NULL,
    reference_ms INT64 NOT NULL,
    speed_e6 INT64 NOT NULL,
    pitch_cents INT64 NOT NULL,
    score_e6 INT64 NOT NULL,
    p_false_log INT64 NOT NULL,
    found INT64 NOT NULL,
    PRIMARY KEY (upload, id, network)
) TABLE_END_BY(network);

CREATE INDEX matches_of_reference ON matches (reference, upload);
CREATE INDEX matches_of_recording ON matches (recording, upload);

-- Every verdict with the facts behind it, so that it can be explained and replayed.
CREATE TABLE verdicts (
    network BYTES NOT NULL,
    id BYTES NOT NULL,
    upload BYTES,
    recording BYTES,
    app BYTES NOT NULL,
    territory TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('deny', 'preview', 'full')),
    reason_code TEXT NOT NULL,
    policy_version INT64 NOT NULL,
    facts TEXT NOT NULL,
    verdict TEXT NOT NULL,
    given INT64 NOT NULL,
    PRIMARY KEY (id, network)
) TABLE_END_BY(network);

CREATE INDEX verdicts_of_upload ON verdicts (upload, id);

-- Encoded forms of an upload, each a file of its own.
CREATE TABLE renditions (
    network BYTES NOT NULL,
    id BYTES NOT NULL,
    upload BYTES NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'preview')),
    codec TEXT NOT NULL CHECK (codec IN ('opus', 'aac', 'mp3')),
    bits_per_second INT64 NOT NULL,
    blob TEXT NOT NULL,
    size_bytes INT64 NOT NULL,
    start_ms INT64 NOT NULL,
    length_ms INT64 NOT NULL,
    made INT64 NOT NULL,
    PRIMARY KEY (id, network)
) TABLE_END_BY(network);

CREATE UNIQUE INDEX renditions_of_upload
    ON renditions (upload, kind, codec, start_ms, length_ms, network);
CREATE INDEX renditions_of_blob ON renditions (blob);
