-- Answers kept for a day under the Idempotency-Key a caller gave them; hash: of the whole request.
CREATE TABLE api_answers (
    caller BYTES NOT NULL,
    name TEXT NOT NULL,
    hash BYTES NOT NULL,
    status INT64 NOT NULL,
    location TEXT,
    etag TEXT,
    body TEXT NOT NULL,
    at INT64 NOT NULL,
    PRIMARY KEY (caller, name)
) TABLE_END;

CREATE INDEX api_answers_at ON api_answers (caller, at);
