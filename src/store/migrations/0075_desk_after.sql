-- Who confirmed what is in force: neither of the two reviews it.
ALTER TABLE desk_items ADD COLUMN second_by TEXT NOT NULL DEFAULT '';

-- Which decision a bulk act made: only that is undone.
ALTER TABLE desk_bulk_items ADD COLUMN decision BYTES;

-- Before bodies out of court (DSA art. 21).
CREATE TABLE desk_disputes (
    id BYTES NOT NULL PRIMARY KEY,
    item BYTES NOT NULL,
    body TEXT NOT NULL,
    opened INT64 NOT NULL,
    result TEXT NOT NULL,
    decided INT64,
    implemented INT64 NOT NULL
) TABLE_END;

CREATE INDEX desk_disputes_item ON desk_disputes (item);

-- Clocks of what is no item: a dispute, an order, a report. At expiry the operator is told.
CREATE TABLE desk_timers (
    id BYTES NOT NULL PRIMARY KEY,
    clock TEXT NOT NULL,
    subject TEXT NOT NULL,
    due INT64,
    fired INT64
) TABLE_END;

CREATE INDEX desk_timers_due ON desk_timers (due, id) WHERE due IS NOT NULL;
CREATE INDEX desk_timers_subject ON desk_timers (subject);
