-- A grant for one recording only, as a DDEX deal is; NULL: everything in which the licensor has a claim.
ALTER TABLE licence_licences ADD COLUMN recording BYTES;
