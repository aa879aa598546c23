-- Made from db/migrations/mysql by `npx parom mysql-schema`. Parom applies them by itself; import this only to do it by hand.

-- One inbound order, stored as it was received, and how far it has come.
CREATE TABLE IF NOT EXISTS messages (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUIDv7, ascending in time',
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the amoCRM account it goes to',
  source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'who sent it',
  received_at BIGINT NOT NULL COMMENT 'unix ms',
  dedupe_key VARCHAR(250) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'what makes it the same order again, per source',
  duplicates INT NOT NULL DEFAULT 0 COMMENT 'how often the same order came again',
  content_type VARCHAR(500) NOT NULL COMMENT 'as sent, with charset and boundary',
  headers MEDIUMTEXT NOT NULL COMMENT 'JSON object of the request headers, without secrets',
  body LONGBLOB NOT NULL COMMENT 'the bytes as received',
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'pending, delivered, held or dead',
  attempts INT NOT NULL DEFAULT 0 COMMENT 'tries so far, also the fence of a claim',
  attempts_before INT NOT NULL DEFAULT 0 COMMENT 'attempts made before a person last sent it again, the waits count from there',
  next_attempt_at BIGINT NULL COMMENT 'unix ms, when it is due, 0 for a new one. While it is claimed: when the lease lapses. Null: never by itself',
  lease_until BIGINT NULL COMMENT 'unix ms, null when nobody holds it',
  reason VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'one word of the closed list, from the last failure',
  error TEXT NULL COMMENT 'what the last failure said',
  lead_request_at BIGINT NULL COMMENT 'unix ms, a create was sent then and its answer may be unknown',
  lead_id BIGINT NULL COMMENT 'the lead in amoCRM',
  products_linked_at BIGINT NULL COMMENT 'unix ms, all products are linked',
  note_id BIGINT NULL COMMENT 'the note in amoCRM',
  warnings MEDIUMTEXT NULL COMMENT 'JSON list of what could not be placed',
  form VARCHAR(190) NULL COMMENT 'form of request.mapper that was used',
  order_number VARCHAR(190) COLLATE utf8mb4_bin NULL COMMENT 'the shop number of the order',
  partner_id VARCHAR(190) COLLATE utf8mb4_bin NULL COMMENT 'the shop id of the partner',
  phone_digits VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digits of the buyer phone',
  email VARCHAR(190) COLLATE utf8mb4_bin NULL COMMENT 'the buyer e-mail, lower case',
  PRIMARY KEY (id),
  UNIQUE KEY messages_same_order (source, dedupe_key),
  KEY messages_due (account, state, next_attempt_at, id),
  KEY messages_by_state (state, id),
  KEY messages_by_partner (partner_id, id),
  KEY messages_by_order_number (order_number, id),
  KEY messages_by_phone (phone_digits, id),
  KEY messages_by_email (email, id),
  KEY messages_by_lead (lead_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One try to carry a message to the CRM.
CREATE TABLE IF NOT EXISTS attempts (
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'messages.id',
  number INT NOT NULL COMMENT '1 for the first',
  started_at BIGINT NOT NULL COMMENT 'unix ms',
  finished_at BIGINT NULL COMMENT 'unix ms, null while it runs or when its process died',
  outcome VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'delivered, retry, held or dead',
  reason VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'one word of the closed list',
  error TEXT NULL COMMENT 'what went wrong, in the words of the CRM',
  PRIMARY KEY (message_id, number)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One effect of an attempt on the CRM, written before it is sent and again when its answer is known.
CREATE TABLE IF NOT EXISTS steps (
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'messages.id',
  attempt INT NOT NULL COMMENT 'attempts.number',
  ordinal INT NOT NULL COMMENT 'order within the attempt, from 1',
  name VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'recover, lead, products or note',
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'sent, confirmed, failed or unknown',
  started_at BIGINT NOT NULL COMMENT 'unix ms',
  finished_at BIGINT NULL COMMENT 'unix ms',
  http_status SMALLINT NULL COMMENT 'of the last answer, null when none came',
  request MEDIUMTEXT NULL COMMENT 'JSON: method, path and body of the last request, without secrets',
  answer MEDIUMTEXT NULL COMMENT 'body of the last answer',
  PRIMARY KEY (message_id, attempt, ordinal)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who is signed in.
CREATE TABLE IF NOT EXISTS sessions (
  id CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of the session id in the cookie',
  data MEDIUMTEXT NOT NULL COMMENT 'JSON',
  expires_at BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (id),
  KEY sessions_by_expiry (expires_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How Parom is let into an amoCRM account.
CREATE TABLE IF NOT EXISTS connections (
  account VARCHAR(190) NOT NULL COMMENT 'the account''s host, as configured',
  version INT NOT NULL COMMENT 'counts the changes of the tokens and of the host; the fence of a refresh',
  kind VARCHAR(20) NOT NULL COMMENT 'oauth, long_lived or none',
  base_url VARCHAR(500) COMMENT 'where the account is found by now; null: as configured',
  configured_url VARCHAR(500) NOT NULL COMMENT 'what was configured when base_url was found',
  configured_token CHAR(64) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'digest of the AMO_ACCESS_TOKEN that was last taken over',
  access_token TEXT COMMENT 'encrypted with APP_KEY',
  refresh_token TEXT COMMENT 'encrypted with APP_KEY',
  refused_as CHAR(64) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'digest of the integration''s settings with which the CRM refused the refresh token',
  access_expires_at BIGINT COMMENT 'unix ms',
  connected_at BIGINT COMMENT 'unix ms, since when this connection is there',
  refreshed_at BIGINT COMMENT 'unix ms, when the tokens were issued',
  lease_owner CHAR(36) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'who refreshes the tokens right now',
  lease_until BIGINT COMMENT 'unix ms, until when nobody else does',
  quiet_until BIGINT COMMENT 'unix ms, before which nothing is sent: the CRM has locked us out',
  account_id BIGINT COMMENT 'as the CRM says',
  account_name VARCHAR(500) COMMENT 'as the CRM says',
  user_id BIGINT COMMENT 'whose rights we have',
  user_name VARCHAR(500) COMMENT 'whose rights we have',
  is_admin TINYINT COMMENT '1, 0, or null when the CRM does not say',
  lost_reason VARCHAR(40) COMMENT 'why the CRM does not let us in; null while it does',
  lost_error TEXT COMMENT 'what it said',
  lost_at BIGINT COMMENT 'unix ms',
  paused_until BIGINT COMMENT 'unix ms, until when the CRM asked to be left alone',
  delivery_owner CHAR(36) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'which process delivers: one at a time, so that the CRM''s limit is kept',
  delivery_until BIGINT COMMENT 'unix ms, until when no other process does',
  people_until BIGINT COMMENT 'unix ms, until when no other request of people goes out',
  PRIMARY KEY (account)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Our own copy of what the CRM cannot be asked for exactly, and of what seldom changes.
CREATE TABLE IF NOT EXISTS mirror_lists (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'never used again, so that nobody writes to a list that has taken the place of another',
  account VARCHAR(190) NOT NULL COMMENT 'the account''s host, as configured',
  crm_account BIGINT NOT NULL COMMENT 'id of the account that was connected, as the CRM says',
  list VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'contacts, companies, products, or what is read as a whole: account, pipelines, …',
  fill_number BIGINT NOT NULL DEFAULT 0 COMMENT 'counts the fillings and the forgettings; the fence of a filling',
  filled_at BIGINT COMMENT 'unix ms, when the last reading of all of it began; null: it is not whole',
  read_at BIGINT COMMENT 'unix ms, when the last reading of its changes began',
  changes_until BIGINT COMMENT 'unix seconds of the CRM: what was changed up to then is here',
  filling_until BIGINT COMMENT 'unix ms, until when nobody else fills it',
  data LONGTEXT COMMENT 'JSON of what is read as a whole; of products the id of their catalog, of contacts that of the field of partners',
  digest CHAR(22) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'of data; tells whether it has changed',
  PRIMARY KEY (id),
  UNIQUE KEY mirror_lists_of_account (account, crm_account, list)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The contacts, companies and products of the lists.
CREATE TABLE IF NOT EXISTS mirror_items (
  list_id BIGINT NOT NULL COMMENT 'mirror_lists.id',
  id BIGINT NOT NULL COMMENT 'as the CRM says',
  created_at BIGINT NOT NULL COMMENT 'unix seconds of the CRM',
  updated_at BIGINT NOT NULL COMMENT 'unix seconds of the CRM; 0: from ourselves',
  seen BIGINT NOT NULL COMMENT 'the fill_number under which it was last seen',
  data MEDIUMTEXT COMMENT 'JSON of what is compared; null: it is deleted, and late news do not bring it back',
  PRIMARY KEY (list_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- By what the items are found.
CREATE TABLE IF NOT EXISTS mirror_keys (
  list_id BIGINT NOT NULL COMMENT 'mirror_lists.id',
  digest CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of kind and normalised value; the value itself is compared afterwards',
  kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'partner, phone, email, name or sku',
  id BIGINT NOT NULL COMMENT 'mirror_items.id',
  PRIMARY KEY (list_id, digest, id),
  KEY mirror_keys_of_item (list_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Items that the CRM has named without saying how they are now.
CREATE TABLE IF NOT EXISTS mirror_rereads (
  list_id BIGINT NOT NULL COMMENT 'mirror_lists.id',
  id BIGINT NOT NULL COMMENT 'as the CRM says',
  asked_at BIGINT NOT NULL COMMENT 'unix ms, when it was last named',
  PRIMARY KEY (list_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What an order makes in the CRM besides its lead.
ALTER TABLE messages
  ADD COLUMN contact_id BIGINT NULL COMMENT 'the contact of the buyer in amoCRM, where this order made it',
  ADD COLUMN company_id BIGINT NULL COMMENT 'the company of the buyer in amoCRM, where this order made it',
  ADD COLUMN cards_request_at BIGINT NULL COMMENT 'unix ms, a create of contacts, companies or products was sent then and its answer may be unknown';

-- Passwords that people set by the link of an invitation.
CREATE TABLE IF NOT EXISTS passwords (
  login VARCHAR(190) NOT NULL COMMENT 'as in users.ts',
  password VARCHAR(255) NOT NULL COMMENT 'argon2id',
  invitation CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of the invitation by which it was set; counts only while users.ts has the same',
  PRIMARY KEY (login)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How the settings fit the amoCRM account, as it was last found.
CREATE TABLE IF NOT EXISTS checkups (
  account VARCHAR(190) NOT NULL COMMENT 'the account''s host, as configured',
  begun_at BIGINT NOT NULL COMMENT 'unix ms, when the last checkup began',
  ended_at BIGINT COMMENT 'unix ms, when one last ended, in whatever way',
  found_at BIGINT COMMENT 'unix ms, when the report was made',
  errors INT NOT NULL DEFAULT 0 COMMENT 'how many errors the report holds',
  report MEDIUMTEXT COMMENT 'JSON: the findings',
  trouble TEXT COMMENT 'JSON: the findings that kept the last checkup from more; null when none did',
  PRIMARY KEY (account)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Which lead of an order is meant, and when its links are read back.
ALTER TABLE messages
  ADD COLUMN edition INT NOT NULL DEFAULT 1 COMMENT 'which lead of this order is meant: 2 and more after a person has asked for another one',
  ADD COLUMN lead_marked TINYINT NULL COMMENT '0: the create of lead_request_at went out without the key by which its lead could be found',
  ADD COLUMN products_check_at BIGINT NULL COMMENT 'unix ms, when it is due to be read whether the products have stayed linked, null: never',
  ADD COLUMN products_expected INT NULL COMMENT 'how many products were linked then',
  ADD KEY messages_to_check (account, products_check_at),
  ADD KEY messages_by_reason (reason, id);

-- Who made an attempt, and by which settings.
ALTER TABLE attempts
  ADD COLUMN host VARCHAR(255) NULL COMMENT 'machine and process id of who made it',
  ADD COLUMN config_version CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digest of the settings that orders are mapped by';

-- When a step was sent, where to, and along with how many other orders.
ALTER TABLE steps
  ADD COLUMN sent_at BIGINT NULL COMMENT 'unix ms, when its request went out, null while it is only planned',
  ADD COLUMN host VARCHAR(255) NULL COMMENT 'host of the CRM that was asked',
  ADD COLUMN orders INT NULL COMMENT 'how many orders the request was for';

-- Whether a person has stopped the delivery.
ALTER TABLE connections
  ADD COLUMN stopped_at BIGINT NULL COMMENT 'unix ms, since when a person has stopped the delivery, null: it goes on',
  ADD COLUMN stopped_by VARCHAR(190) NULL COMMENT 'login of who stopped it';

-- What is known of a request besides the order: who sent it, whether it came again, what it repeats with another body.
ALTER TABLE messages
  ADD COLUMN address VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'network address of who sent it',
  ADD COLUMN duplicated_at BIGINT NULL COMMENT 'unix ms, when the same order last came again',
  ADD COLUMN body_digest CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'SHA-256 of the body, where dedupe_key is not made of it',
  ADD COLUMN original_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'messages.id of the order that came first with the same id from its sender but another body',
  ADD COLUMN truncated TINYINT NOT NULL DEFAULT 0 COMMENT '1: the request was refused, and not all of its body was kept',
  MODIFY COLUMN state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'pending, delivered, held, dead or rejected',
  ADD KEY messages_by_original (original_id);

CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, checksum CHAR(64) NOT NULL);

INSERT INTO schema_migrations (name, checksum) VALUES
  ('0001-inbox.sql', '4ac381627003dbce165bb890492c71c9a39a73efadea0a95187e44ba62daa06e'),
  ('0002-sessions.sql', '201ea999ade14ab74b6065a99fe74f388e38fa37ecf0c2ad0f568443b073d0a4'),
  ('0003-connection.sql', '7ff7d14eec74e56a2c20e9902cf8f34db003227204e732d4bf424a181d86d3f9'),
  ('0004-mirror.sql', '58119aaa9cb150bf21fe309ece8d67e237e88b4869688f5742bf543ed339b871'),
  ('0005-people.sql', '08b987c13bfd91f4b8d6d01e8f3e93f2e426db3068cc21d5607ccb52e2a8e7d6'),
  ('0006-passwords.sql', 'b5003622b99d907791e58ca680bd3649a195a16fb0ebd8541adb3da52b0998ec'),
  ('0007-checkups.sql', '7a095f497532a79ee8ea37e23a87209b74652dff6bf36cf6b5484983c2fec059'),
  ('0008-batches.sql', 'cf1c9b548080c3f1cb13b9c7bb799bc7c00b04c34aa4baebb2bf933e41cea147'),
  ('0009-intake.sql', '959c015b9cdfca3fb911f61ff7eb7fdd5680fa2090efc667597e082f38904958');
