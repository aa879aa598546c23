-- Which lead of an order is meant, and when its links are read back.
ALTER TABLE messages ADD COLUMN edition INTEGER NOT NULL DEFAULT 1;  -- which lead of this order is meant: 2 and more after a person has asked for another one
ALTER TABLE messages ADD COLUMN lead_marked INTEGER;                 -- 0: the create of lead_request_at went out without the key by which its lead could be found
ALTER TABLE messages ADD COLUMN products_check_at INTEGER;           -- unix ms, when it is due to be read whether the products have stayed linked, null: never
ALTER TABLE messages ADD COLUMN products_expected INTEGER;           -- how many products were linked then
CREATE INDEX IF NOT EXISTS messages_to_check ON messages (account, products_check_at);
CREATE INDEX IF NOT EXISTS messages_by_reason ON messages (reason, id);

-- Who made an attempt, and by which settings.
ALTER TABLE attempts ADD COLUMN host TEXT;            -- machine and process id of who made it
ALTER TABLE attempts ADD COLUMN config_version TEXT;  -- digest of the settings that orders are mapped by

-- When a step was sent, where to, and along with how many other orders.
ALTER TABLE steps ADD COLUMN sent_at INTEGER;  -- unix ms, when its request went out, null while it is only planned
ALTER TABLE steps ADD COLUMN host TEXT;        -- host of the CRM that was asked
ALTER TABLE steps ADD COLUMN orders INTEGER;   -- how many orders the request was for

-- Whether a person has stopped the delivery.
ALTER TABLE connections ADD COLUMN stopped_at INTEGER;  -- unix ms, since when a person has stopped the delivery, null: it goes on
ALTER TABLE connections ADD COLUMN stopped_by TEXT;     -- login of who stopped it
