-- Recordings without an ISRC are found again by title and artist when a file is imported.
CREATE INDEX registry_recordings_title ON registry_recordings (catalogue, title, artist);
