-- What happened, in order. leaf: hash of the event; root: of the tree that ends with it.
CREATE TABLE journal_events (
    seq INT64 NOT NULL PRIMARY KEY,
    at INT64 NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    why TEXT NOT NULL,
    leaf BYTES NOT NULL,
    root BYTES NOT NULL
) TABLE_END;

CREATE INDEX journal_events_subject ON journal_events (subject, seq);

-- One row: how many events there are, and the roots of the full subtrees at the tree's right edge,
-- largest first, so that the next event costs log(size) hashes.
CREATE TABLE journal_head (
    id INT64 NOT NULL PRIMARY KEY CHECK (id = 1),
    size INT64 NOT NULL,
    edge BYTES
) TABLE_END;

INSERT INTO journal_head (id, size, edge) VALUES (1, 0, NULL);
