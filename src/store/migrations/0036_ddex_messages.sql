-- Who sends us messages: the party behind a sender's DPID, and how its messages are meant.
--   omission  ends | refused: may a territory be taken down by leaving it out
--   percent   unknown | reference | upload: what per cent without a side are of
CREATE TABLE ddex_partners (
    catalogue BYTES NOT NULL,
    dpid TEXT NOT NULL,
    party BYTES NOT NULL,
    omission TEXT NOT NULL,
    percent TEXT NOT NULL,
    PRIMARY KEY (catalogue, dpid)
) TABLE_END;

-- The apps that a distribution channel's party stands for.
CREATE TABLE ddex_channels (
    catalogue BYTES NOT NULL,
    dpid TEXT NOT NULL,
    app BYTES NOT NULL,
    PRIMARY KEY (catalogue, dpid, app)
) TABLE_END;

-- A message once: sender and MessageId name it. digest: of what was read of it.
CREATE TABLE ddex_messages (
    catalogue BYTES NOT NULL,
    sender TEXT NOT NULL,
    message TEXT NOT NULL,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    rule TEXT NOT NULL,
    file TEXT NOT NULL,
    created_us INT64 NOT NULL,
    received_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, sender, message)
) TABLE_END;

-- What a sender spoke of last, and when: an older message that comes later changes nothing there.
CREATE TABLE ddex_spoken (
    catalogue BYTES NOT NULL,
    sender TEXT NOT NULL,
    thing TEXT NOT NULL,
    message TEXT NOT NULL,
    created_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, sender, thing)
) TABLE_END;

-- What was made of it: claims of a recording, policies and licences of a release. content: in
-- words, a tab, and what tells two records of one kind apart.
CREATE TABLE ddex_made (
    catalogue BYTES NOT NULL,
    sender TEXT NOT NULL,
    thing TEXT NOT NULL,
    kind TEXT NOT NULL,
    record BYTES NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (catalogue, sender, thing, kind, record)
) TABLE_END;
