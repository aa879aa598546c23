-- By which words a message is found.
CREATE TABLE IF NOT EXISTS search_keys (
  value VARCHAR(190) NOT NULL COMMENT 'in lower case, of a phone the last ten digits',
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'messages.id',
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'order, partner, phone, email or lead',
  PRIMARY KEY (value, message_id, kind)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT IGNORE INTO search_keys SELECT LOWER(TRIM(order_number)), id, 'order' FROM messages WHERE TRIM(order_number) <> '';
INSERT IGNORE INTO search_keys SELECT LOWER(TRIM(partner_id)), id, 'partner' FROM messages WHERE TRIM(partner_id) <> '';
INSERT IGNORE INTO search_keys SELECT RIGHT(phone_digits, 10), id, 'phone' FROM messages WHERE phone_digits <> '';
INSERT IGNORE INTO search_keys SELECT LOWER(TRIM(email)), id, 'email' FROM messages WHERE TRIM(email) <> '';
INSERT IGNORE INTO search_keys SELECT CAST(lead_id AS CHAR), id, 'lead' FROM messages WHERE lead_id IS NOT NULL;

-- What the list of orders shows, also of orders that still wait. All that it is filtered by stands in its indexes, so that no row is read to be left out.
ALTER TABLE messages
  ADD COLUMN total DOUBLE NULL COMMENT 'sum of the order, in the currency of the shop',
  ADD COLUMN delivered_at BIGINT NULL COMMENT 'unix ms, when the order was first delivered as a whole',
  ADD KEY messages_delivered (account, delivered_at),
  DROP KEY messages_by_partner,
  DROP KEY messages_by_order_number,
  DROP KEY messages_by_phone,
  DROP KEY messages_by_email,
  DROP KEY messages_by_lead,
  DROP KEY messages_by_state,
  DROP KEY messages_by_reason,
  ADD KEY messages_by_state (state, id, source, form, reason),
  ADD KEY messages_by_reason (reason, id, state, source, form);
UPDATE messages SET delivered_at =
  (SELECT MIN(finished_at) FROM attempts WHERE message_id = messages.id AND outcome = 'delivered')
  WHERE state = 'delivered' AND delivered_at IS NULL;
