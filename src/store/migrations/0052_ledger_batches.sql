-- Plays as producers told them, whole batches, kept for audit; told again they are known.
-- corrects: the sequence that this batch replaces, or -1; replaced_by: the one that replaced it.
CREATE TABLE ledger_batches (
    catalogue BYTES NOT NULL,
    producer TEXT NOT NULL,
    sequence INT64 NOT NULL,
    corrects INT64 NOT NULL,
    replaced_by INT64 NOT NULL,
    rolled INT64 NOT NULL,
    received_us INT64 NOT NULL,
    first_us INT64 NOT NULL,
    last_us INT64 NOT NULL,
    plays INT64 NOT NULL,
    hash BYTES NOT NULL,
    body BYTES NOT NULL,
    PRIMARY KEY (catalogue, producer, sequence)
) TABLE_END_BY(catalogue);

CREATE INDEX ledger_batches_rolled ON ledger_batches (catalogue, rolled, producer, sequence);

-- The same plays, summed. seconds: class (index of count_seconds_allowed).
CREATE TABLE ledger_usage (
    catalogue BYTES NOT NULL,
    day INT64 NOT NULL,
    recording BYTES NOT NULL,
    app BYTES NOT NULL,
    territory INT64 NOT NULL,
    model INT64 NOT NULL,
    kind INT64 NOT NULL,
    seconds INT64 NOT NULL,
    plays INT64 NOT NULL,
    PRIMARY KEY (catalogue, day, recording, app, territory, model, kind, seconds)
) TABLE_END_BY(catalogue);
