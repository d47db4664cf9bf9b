-- Which seconds of a recording a sender wants as its preview. length_ms 0: as long as they are here.
CREATE TABLE ddex_previews (
    catalogue BYTES NOT NULL,
    recording BYTES NOT NULL,
    sender TEXT NOT NULL,
    start_ms INT64 NOT NULL,
    length_ms INT64 NOT NULL,
    created_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, recording, sender)
) TABLE_END;
