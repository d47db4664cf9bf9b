-- Deals on their way from draft to force; the offers in them are never changed.
CREATE TABLE licence_deals (
    catalogue BYTES NOT NULL,
    id BYTES NOT NULL,
    version INT64 NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    latest INT64 NOT NULL,
    agreed INT64 NOT NULL,
    reason TEXT,
    reason_words TEXT,
    made_us INT64 NOT NULL,
    from_us INT64 NOT NULL,
    until_us INT64 NOT NULL,
    PRIMARY KEY (catalogue, id),
    UNIQUE (catalogue, name)
) TABLE_END;

CREATE TABLE licence_offers (
    catalogue BYTES NOT NULL,
    deal BYTES NOT NULL,
    number INT64 NOT NULL,
    side TEXT NOT NULL,
    who TEXT NOT NULL,
    at_us INT64 NOT NULL,
    hash TEXT NOT NULL,
    terms TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (catalogue, deal, number),
    FOREIGN KEY (catalogue, deal) REFERENCES licence_deals (catalogue, id)
) TABLE_END;

-- The licences that an agreed offer has put in force.
CREATE TABLE licence_deal_licences (
    catalogue BYTES NOT NULL,
    deal BYTES NOT NULL,
    licence BYTES NOT NULL,
    PRIMARY KEY (catalogue, deal, licence),
    FOREIGN KEY (catalogue, deal) REFERENCES licence_deals (catalogue, id)
) TABLE_END;
