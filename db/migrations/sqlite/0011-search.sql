-- What the list of orders shows and is searched by, also of orders that still wait.
ALTER TABLE messages ADD COLUMN total REAL;            -- sum of the order, in the shop's currency
ALTER TABLE messages ADD COLUMN delivered_at INTEGER;  -- unix ms, when the order was first delivered as a whole
UPDATE messages SET delivered_at =
  (SELECT MIN(finished_at) FROM attempts WHERE message_id = messages.id AND outcome = 'delivered')
  WHERE state = 'delivered';
CREATE INDEX messages_delivered ON messages (account, delivered_at) WHERE delivered_at IS NOT NULL;

-- By which words a message is found.
CREATE TABLE search_keys (
  value TEXT NOT NULL,                     -- in lower case, of a phone the last ten digits
  message_id TEXT NOT NULL,                -- messages.id
  kind TEXT NOT NULL,                      -- order, partner, phone, email or lead
  PRIMARY KEY (value, message_id, kind)
) WITHOUT ROWID;
INSERT OR IGNORE INTO search_keys SELECT lower(trim(order_number)), id, 'order' FROM messages WHERE trim(order_number) <> '';
INSERT OR IGNORE INTO search_keys SELECT lower(trim(partner_id)), id, 'partner' FROM messages WHERE trim(partner_id) <> '';
INSERT OR IGNORE INTO search_keys SELECT substr(phone_digits, -10), id, 'phone' FROM messages WHERE phone_digits <> '';
INSERT OR IGNORE INTO search_keys SELECT lower(trim(email)), id, 'email' FROM messages WHERE trim(email) <> '';
INSERT OR IGNORE INTO search_keys SELECT CAST(lead_id AS TEXT), id, 'lead' FROM messages WHERE lead_id IS NOT NULL;
DROP INDEX messages_by_partner;
DROP INDEX messages_by_order_number;
DROP INDEX messages_by_phone;
DROP INDEX messages_by_email;
DROP INDEX messages_by_lead;

-- All that the list is filtered by stands in them, so that no row is read to be left out.
DROP INDEX messages_by_state;
DROP INDEX messages_by_reason;
CREATE INDEX messages_by_state ON messages (state, id, source, form, reason);
CREATE INDEX messages_by_reason ON messages (reason, id, state, source, form) WHERE reason IS NOT NULL;
