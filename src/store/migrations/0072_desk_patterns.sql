-- For checks of abuse: what a notice asks for, whoever sends it; whom a sender's items are of; how many
-- items a sender has sent on a day.
ALTER TABLE desk_notices ADD COLUMN asks_hash BYTES;
CREATE INDEX desk_notices_asks ON desk_notices (asks_hash, received) WHERE asks_hash IS NOT NULL;
CREATE INDEX desk_items_target ON desk_items (sender, uploader) WHERE uploader IS NOT NULL;
ALTER TABLE desk_senders ADD COLUMN day INT64 NOT NULL DEFAULT 0;
ALTER TABLE desk_senders ADD COLUMN day_items INT64 NOT NULL DEFAULT 0;
