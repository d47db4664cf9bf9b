-- Orders of courts and authorities: what is said of one when it comes, and where it holds. It holds
-- for the targets that people have taken up (desk_order_targets), and for no others.
CREATE TABLE desk_orders (
    id BYTES NOT NULL PRIMARY KEY,
    version INT64 NOT NULL,
    notice BYTES NOT NULL UNIQUE,
    authority TEXT NOT NULL,
    number TEXT NOT NULL,
    country TEXT NOT NULL,
    territories TEXT NOT NULL,
    received INT64 NOT NULL,
    until_at INT64 NOT NULL,
    effect INT64
) TABLE_END;

CREATE TABLE desk_order_targets (
    ord BYTES NOT NULL,
    item BYTES NOT NULL,
    upload BYTES,
    recording BYTES,
    since INT64 NOT NULL,
    PRIMARY KEY (ord, item)
) TABLE_END;
