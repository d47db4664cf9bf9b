-- Who sends notices. Counts of items; standing: the decayed record, see desk/standing.h.
CREATE TABLE desk_senders (
    id BYTES NOT NULL PRIMARY KEY,
    version INT64 NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    party BYTES,
    proofs INT64 NOT NULL,
    trusted INT64 NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'warned', 'suspended')),
    first_seen INT64 NOT NULL,
    warned INT64,
    due INT64,
    accepted_e6 INT64 NOT NULL,
    rejected_e6 INT64 NOT NULL,
    standing_at INT64 NOT NULL,
    received INT64 NOT NULL,
    accepted INT64 NOT NULL,
    declined INT64 NOT NULL,
    abusive INT64 NOT NULL,
    countered INT64 NOT NULL,
    reversed INT64 NOT NULL,
    unseen INT64 NOT NULL
) TABLE_END;

CREATE INDEX desk_senders_due ON desk_senders (due) WHERE due IS NOT NULL;

-- Which party a sender may act for, and the document that says so.
CREATE TABLE desk_mandates (
    id BYTES NOT NULL PRIMARY KEY,
    sender BYTES NOT NULL REFERENCES desk_senders (id),
    party BYTES NOT NULL,
    territories TEXT NOT NULL,
    document TEXT NOT NULL,
    from_at INT64 NOT NULL,
    until_at INT64 NOT NULL,
    revoked INT64
) TABLE_END;

CREATE INDEX desk_mandates_sender ON desk_mandates (sender, party);

CREATE TABLE desk_notices (
    id BYTES NOT NULL PRIMARY KEY,
    version INT64 NOT NULL,
    sender BYTES NOT NULL REFERENCES desk_senders (id),
    channel TEXT NOT NULL,
    regime TEXT NOT NULL,
    state TEXT NOT NULL,
    principal TEXT NOT NULL,
    party BYTES,
    elements INT64 NOT NULL,
    received INT64 NOT NULL,
    once TEXT UNIQUE,
    raw_hash BYTES NOT NULL,
    confirm_hash BYTES,
    language TEXT NOT NULL,
    items INT64 NOT NULL,
    undecided INT64 NOT NULL,
    due INT64,
    clock TEXT NOT NULL
) TABLE_END;

CREATE INDEX desk_notices_due ON desk_notices (due) WHERE due IS NOT NULL;
CREATE INDEX desk_notices_sender ON desk_notices (sender, received);
CREATE INDEX desk_notices_raw ON desk_notices (raw_hash);

-- What was sent, sealed; looking at it is logged.
CREATE TABLE desk_originals (
    notice BYTES NOT NULL,
    number INT64 NOT NULL,
    kind TEXT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (notice, number)
) TABLE_END;

CREATE TABLE desk_items (
    id BYTES NOT NULL PRIMARY KEY,
    version INT64 NOT NULL,
    notice BYTES NOT NULL,
    sender BYTES NOT NULL,
    number INT64 NOT NULL,
    kind TEXT NOT NULL,
    location TEXT NOT NULL,
    network BYTES,
    upload BYTES,
    uploader TEXT,
    recording BYTES,
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    regime TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    held TEXT NOT NULL,
    held_effects INT64 NOT NULL,
    held_reason TEXT NOT NULL,
    holder TEXT NOT NULL,
    first_by TEXT NOT NULL,
    class TEXT NOT NULL,
    proposal TEXT NOT NULL,
    received INT64 NOT NULL,
    decision BYTES,
    canonical BYTES,
    due INT64,
    clock TEXT NOT NULL
) TABLE_END;

CREATE INDEX desk_items_notice ON desk_items (notice, number);
CREATE INDEX desk_items_upload ON desk_items (upload) WHERE upload IS NOT NULL;
CREATE INDEX desk_items_due ON desk_items (due) WHERE due IS NOT NULL;
CREATE INDEX desk_items_queue ON desk_items (class, received, id) WHERE state = 'queued';
CREATE INDEX desk_items_open ON desk_items (id) WHERE state = 'open';

-- Speed in 10^-6, pitch in 10^-2 semitones, score in 10^-6, p_false as 1000 log10.
CREATE TABLE desk_evidence (
    id BYTES NOT NULL PRIMARY KEY,
    item BYTES NOT NULL,
    recording BYTES NOT NULL,
    reference BYTES NOT NULL,
    upload_from_ms INT64 NOT NULL,
    upload_to_ms INT64 NOT NULL,
    reference_from_ms INT64 NOT NULL,
    reference_to_ms INT64 NOT NULL,
    speed_e6 INT64 NOT NULL,
    pitch_cents INT64 NOT NULL,
    score_e6 INT64 NOT NULL,
    p_false_log INT64 NOT NULL,
    engine TEXT NOT NULL,
    audio TEXT NOT NULL,
    at INT64 NOT NULL
) TABLE_END;

CREATE INDEX desk_evidence_item ON desk_evidence (item);

-- Never edited: a later one supersedes.
CREATE TABLE desk_decisions (
    id BYTES NOT NULL PRIMARY KEY,
    item BYTES NOT NULL,
    event TEXT NOT NULL,
    reason TEXT NOT NULL,
    rule TEXT NOT NULL,
    actor TEXT NOT NULL,
    person TEXT NOT NULL,
    second TEXT NOT NULL,
    territories TEXT NOT NULL,
    until_at INT64 NOT NULL,
    evidence BYTES,
    supersedes BYTES,
    proof TEXT NOT NULL,
    at INT64 NOT NULL
) TABLE_END;

CREATE INDEX desk_decisions_item ON desk_decisions (item);

CREATE TABLE desk_strikes (
    item BYTES NOT NULL PRIMARY KEY,
    id BYTES NOT NULL,
    network BYTES NOT NULL,
    uploader TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'expired', 'cleared')),
    at INT64 NOT NULL,
    due INT64
) TABLE_END;

CREATE INDEX desk_strikes_uploader ON desk_strikes (network, uploader);
CREATE INDEX desk_strikes_due ON desk_strikes (due) WHERE due IS NOT NULL;

-- What was taken down stays down: the recording heard in it, and the bytes themselves.
CREATE TABLE desk_stays (
    item BYTES NOT NULL PRIMARY KEY,
    network BYTES NOT NULL,
    recording BYTES,
    blob TEXT,
    territories TEXT NOT NULL,
    since INT64 NOT NULL,
    released INT64
) TABLE_END;

CREATE INDEX desk_stays_recording ON desk_stays (recording, network) WHERE released IS NULL;
CREATE INDEX desk_stays_blob ON desk_stays (blob, network) WHERE released IS NULL;

-- Uploads that a stay-down does not reach: a licence, an exception, a reversal of their own.
CREATE TABLE desk_exceptions (
    network BYTES NOT NULL,
    upload BYTES NOT NULL,
    why TEXT NOT NULL,
    at INT64 NOT NULL,
    PRIMARY KEY (network, upload)
) TABLE_END;

-- Letters to be sent: written with the act they tell of, marked when they are out.
CREATE TABLE desk_letters (
    id BYTES NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    receiver TEXT NOT NULL,
    notice BYTES,
    item BYTES,
    decision BYTES,
    at INT64 NOT NULL,
    sent INT64,
    tries INT64 NOT NULL,
    next INT64 NOT NULL,
    secret TEXT NOT NULL
) TABLE_END;

CREATE INDEX desk_letters_unsent ON desk_letters (next, id) WHERE sent IS NULL;
CREATE INDEX desk_letters_item ON desk_letters (item) WHERE item IS NOT NULL;

CREATE TABLE desk_counters (
    item BYTES NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    elements INT64 NOT NULL,
    received INT64 NOT NULL,
    action_filed INT64,
    restored INT64,
    sealed BYTES NOT NULL
) TABLE_END;

CREATE TABLE desk_complaints (
    id BYTES NOT NULL PRIMARY KEY,
    item BYTES NOT NULL,
    by_whom TEXT NOT NULL,
    decision BYTES,
    outcome TEXT NOT NULL,
    person TEXT NOT NULL,
    received INT64 NOT NULL,
    decided INT64,
    dispute_body TEXT NOT NULL,
    dispute_opened INT64,
    dispute_result TEXT NOT NULL,
    implemented INT64,
    due INT64,
    sealed BYTES NOT NULL
) TABLE_END;

CREATE INDEX desk_complaints_item ON desk_complaints (item);

-- Acts on many items at once, to be undone for a day.
CREATE TABLE desk_bulk (
    id BYTES NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    event TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INT64 NOT NULL,
    until_at INT64 NOT NULL,
    undone INT64
) TABLE_END;

CREATE TABLE desk_bulk_items (
    bulk BYTES NOT NULL,
    item BYTES NOT NULL,
    PRIMARY KEY (bulk, item)
) TABLE_END;

-- Versions of the terms, and who accepted which.
CREATE TABLE desk_terms (
    version INT64 NOT NULL PRIMARY KEY,
    hash BYTES NOT NULL,
    body TEXT NOT NULL,
    at INT64 NOT NULL
) TABLE_END;

CREATE TABLE desk_acceptances (
    network BYTES NOT NULL,
    uploader TEXT NOT NULL,
    version INT64 NOT NULL REFERENCES desk_terms (version),
    at INT64 NOT NULL,
    PRIMARY KEY (network, uploader, version)
) TABLE_END;
