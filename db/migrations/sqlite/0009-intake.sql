-- What is known of a request besides the order: who sent it, whether it came again, what it repeats with another body.
-- The state of a message may now be rejected, too: a request that was refused and is kept.
ALTER TABLE messages ADD COLUMN address TEXT;                          -- network address of who sent it
ALTER TABLE messages ADD COLUMN duplicated_at INTEGER;                 -- unix ms, when the same order last came again
ALTER TABLE messages ADD COLUMN body_digest TEXT;                      -- SHA-256 of the body, where dedupe_key is not made of it
ALTER TABLE messages ADD COLUMN original_id TEXT;                      -- messages.id of the order that came first with the same id from its sender but another body
ALTER TABLE messages ADD COLUMN truncated INTEGER NOT NULL DEFAULT 0;  -- 1: the request was refused, and not all of its body was kept

-- A new order has none of these yet, so it need not be written into their indexes.
DROP INDEX messages_by_partner;
DROP INDEX messages_by_order_number;
DROP INDEX messages_by_phone;
DROP INDEX messages_by_email;
DROP INDEX messages_by_lead;
DROP INDEX messages_by_reason;
DROP INDEX messages_to_check;
CREATE INDEX messages_by_partner ON messages (partner_id, id) WHERE partner_id IS NOT NULL;
CREATE INDEX messages_by_order_number ON messages (order_number, id) WHERE order_number IS NOT NULL;
CREATE INDEX messages_by_phone ON messages (phone_digits, id) WHERE phone_digits IS NOT NULL;
CREATE INDEX messages_by_email ON messages (email, id) WHERE email IS NOT NULL;
CREATE INDEX messages_by_lead ON messages (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX messages_by_reason ON messages (reason, id) WHERE reason IS NOT NULL;
CREATE INDEX messages_to_check ON messages (account, products_check_at) WHERE products_check_at IS NOT NULL;
CREATE INDEX messages_by_original ON messages (original_id) WHERE original_id IS NOT NULL;
