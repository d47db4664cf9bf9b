-- Roots of each full 256 leaves of the journal's tree, counted from 0: a proof reads these and the
-- leaves of its own tile. Tiles from before this table are missing and made of their leaves when asked.
CREATE TABLE journal_tiles (
    number INT64 NOT NULL PRIMARY KEY,
    root BYTES NOT NULL
) TABLE_END;
