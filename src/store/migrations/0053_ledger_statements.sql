-- What was stated to a licensor for a period; never changed: what becomes known later is stated as
-- a difference (number 2, 3, ...).
CREATE TABLE ledger_statements (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    deal BYTES NOT NULL,
    licensor BYTES NOT NULL,
    from_day INT64 NOT NULL,
    until_day INT64 NOT NULL,
    number INT64 NOT NULL,
    currency TEXT NOT NULL,
    due INT64 NOT NULL,
    payable INT64 NOT NULL,
    closed_us INT64 NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (catalogue, id),
    UNIQUE (catalogue, deal, licensor, from_day, until_day, number)
) TABLE_END;

-- Every movement of money has two ends, so all accounts together are always zero.
CREATE TABLE ledger_entries (
    catalogue BYTES NOT NULL,
    number INT64 NOT NULL,
    statement BYTES,
    at_us INT64 NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    currency TEXT NOT NULL,
    minor INT64 NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (catalogue, number)
) TABLE_END;
