-- Work to be done later, once or again until it is. `ready` is when it may be taken next: while
-- somebody has it, when that lease ends; without end when it was given up (dead).
CREATE TABLE jobs (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    due INT64 NOT NULL,
    ready INT64 NOT NULL,
    lease BYTES,
    tries INT64 NOT NULL,
    dead INT64 NOT NULL,
    reason TEXT,
    made INT64 NOT NULL,
    PRIMARY KEY (kind, key)
) TABLE_END;

CREATE INDEX jobs_by_ready ON jobs (kind, ready, due, key);
