-- What happened, for those whom it concerns: made of the journal, in its order. party: whom of the
-- holders, network: which of the networks; NULL: none in particular.
CREATE TABLE events (
    seq INT64 NOT NULL,
    place INT64 NOT NULL,
    party BYTES,
    network BYTES,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    data TEXT NOT NULL,
    at INT64 NOT NULL,
    PRIMARY KEY (seq, place)
) TABLE_END;

CREATE INDEX events_of_party ON events (party, seq);
CREATE INDEX events_of_network ON events (network, seq);

-- One row: up to which event of the journal the feed is made.
CREATE TABLE events_cursor (
    id INT64 NOT NULL PRIMARY KEY CHECK (id = 1),
    seq INT64 NOT NULL
) TABLE_END;

INSERT INTO events_cursor (id, seq) VALUES (1, 0);

-- Who wants to be told. types: words with commas, each a beginning of `what`; empty: all.
-- secret: sealed with the key of the data folder. state: active, disabled.
CREATE TABLE webhooks (
    id BYTES NOT NULL PRIMARY KEY,
    version INT64 NOT NULL,
    url TEXT NOT NULL,
    party BYTES,
    network BYTES,
    types TEXT NOT NULL,
    secret BYTES NOT NULL,
    disabled INT64 NOT NULL,
    reason TEXT,
    made INT64 NOT NULL
) TABLE_END;

-- What became of each message. state: waiting, delivered, failed.
CREATE TABLE webhook_deliveries (
    webhook BYTES NOT NULL,
    seq INT64 NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries INT64 NOT NULL,
    status INT64 NOT NULL,
    error TEXT,
    changed INT64 NOT NULL,
    PRIMARY KEY (webhook, seq)
) TABLE_END;
