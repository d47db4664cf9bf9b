-- Transparency reports as they were published: the figures (JSON), and a blob with the events that each
-- figure adds up. A later one of the same period is another version; none is ever changed.
CREATE TABLE desk_reports (
    id BYTES NOT NULL PRIMARY KEY,
    version INT64 NOT NULL,
    from_at INT64 NOT NULL,
    until_at INT64 NOT NULL,
    at INT64 NOT NULL,
    size INT64 NOT NULL,
    root BYTES NOT NULL,
    body TEXT NOT NULL,
    events TEXT NOT NULL,
    UNIQUE (from_at, until_at, version)
) TABLE_END;
