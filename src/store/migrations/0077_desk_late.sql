-- Letters that are not out in time: the operator is told once.
ALTER TABLE desk_letters ADD COLUMN alarmed INT64 NOT NULL DEFAULT 0;
