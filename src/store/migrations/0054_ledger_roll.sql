-- Plays are summed in memory from the batches themselves, so what was summed beside them goes.
DROP TABLE ledger_usage;
DROP INDEX ledger_batches_rolled;
ALTER TABLE ledger_batches DROP COLUMN rolled;

-- The lines of a statement, packed (docs/formats/statement-lines.md), part by part.
CREATE TABLE ledger_statement_parts (
    catalogue BYTES NOT NULL,
    statement BYTES NOT NULL,
    part INT64 NOT NULL,
    lines INT64 NOT NULL,
    body BYTES NOT NULL,
    PRIMARY KEY (catalogue, statement, part)
) TABLE_END_BY(catalogue);

-- What a close read, as JSON: so it can be computed again and compared.
CREATE TABLE ledger_closes (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    deal BYTES NOT NULL,
    from_day INT64 NOT NULL,
    until_day INT64 NOT NULL,
    closed_us INT64 NOT NULL,
    inputs TEXT NOT NULL,
    PRIMARY KEY (catalogue, id)
) TABLE_END;
CREATE INDEX ledger_closes_closed ON ledger_closes (catalogue, closed_us);
ALTER TABLE ledger_statements ADD COLUMN close BYTES;
