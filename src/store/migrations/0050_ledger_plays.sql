-- What was played: counted once, under the id its app gave it.
CREATE TABLE plays (
    network BYTES NOT NULL,
    id BYTES NOT NULL,
    app BYTES NOT NULL,
    verdict BYTES NOT NULL,
    upload BYTES,
    recording BYTES,
    territory TEXT NOT NULL,
    kind TEXT NOT NULL,
    model TEXT NOT NULL,
    mode TEXT NOT NULL,
    played_ms INT64 NOT NULL,
    at INT64 NOT NULL,
    counted INT64 NOT NULL,
    PRIMARY KEY (network, id)
) TABLE_END_BY(network);

CREATE INDEX plays_at ON plays (network, at);
