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

-- Who did what on the pages. Rows are only ever added.
CREATE TABLE IF NOT EXISTS audit (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUIDv7, ascending in time',
  at BIGINT NOT NULL COMMENT 'unix ms',
  login VARCHAR(190) NOT NULL COMMENT 'who did it, or tried to sign in, empty: nobody who is known',
  address VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'network address from which it was done',
  action VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'one word of a closed list',
  target VARCHAR(190) NULL COMMENT 'what it was done to: the id of an order, a login',
  was MEDIUMTEXT NULL COMMENT 'JSON: how it was',
  became MEDIUMTEXT NULL COMMENT 'JSON: how it is since',
  PRIMARY KEY (id),
  KEY audit_by_login (login, id),
  KEY audit_by_action (action, id),
  KEY audit_by_target (target, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

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

-- Many orders sent again in one go.
CREATE TABLE IF NOT EXISTS runs (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUIDv7, given with the form that starts it, so that two clicks start one',
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the amoCRM account of its orders',
  name VARCHAR(190) NOT NULL COMMENT 'as people call it',
  created_at BIGINT NOT NULL COMMENT 'unix ms, what came later is none of its orders',
  created_by VARCHAR(190) NOT NULL COMMENT 'login',
  scope MEDIUMTEXT NOT NULL COMMENT 'JSON: which orders were meant',
  unfinished CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digest of account and scope until it has ended, so that there are no two of the same',
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'running, paused, cancelled or done',
  position VARCHAR(190) NULL COMMENT 'JSON: how far its orders are found, null: all of them are',
  total INT NOT NULL DEFAULT 0 COMMENT 'orders found so far',
  queued INT NOT NULL DEFAULT 0 COMMENT 'of them in the queue, with nothing known since',
  retrying INT NOT NULL DEFAULT 0 COMMENT 'tried, and tried again later by themselves',
  delivered INT NOT NULL DEFAULT 0 COMMENT 'delivered since',
  failed INT NOT NULL DEFAULT 0 COMMENT 'given up again',
  skipped INT NOT NULL DEFAULT 0 COMMENT 'not sent, each for its own reason',
  worked_ms BIGINT NOT NULL DEFAULT 0 COMMENT 'for how long it has moved, without pauses',
  moved_at BIGINT NULL COMMENT 'unix ms, when any of these numbers last changed',
  ended_at BIGINT NULL COMMENT 'unix ms, null until it is cancelled or done',
  version INT NOT NULL DEFAULT 0 COMMENT 'counts every change: who writes has seen what was before',
  lease_owner CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the process that works on it',
  lease_until BIGINT NULL COMMENT 'unix ms',
  PRIMARY KEY (id),
  UNIQUE KEY runs_unfinished (unfinished),
  KEY runs_by_state (state, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One order of a run.
CREATE TABLE IF NOT EXISTS run_items (
  run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'runs.id',
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'messages.id',
  outcome VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'waiting, queued, retrying, delivered, failed or skipped',
  detail VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'one word: why it was skipped, or the reason of its failure',
  attempt INT NULL COMMENT 'messages.attempts when it was queued',
  PRIMARY KEY (run_id, message_id),
  KEY run_items_by_outcome (run_id, outcome, message_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What the overview shows.
-- What was received, delivered and given up in each quarter of an hour; those in which nothing was have no row.
CREATE TABLE IF NOT EXISTS tallies (
  slot_at BIGINT NOT NULL COMMENT 'unix ms, when the quarter of an hour begins',
  received INT NOT NULL DEFAULT 0 COMMENT 'orders that were taken in',
  delivered INT NOT NULL DEFAULT 0 COMMENT 'orders that were delivered for the first time',
  failed INT NOT NULL DEFAULT 0 COMMENT 'orders that came to rest as dead',
  times TEXT NULL COMMENT 'JSON: how many of the delivered ones took how long, by the logarithm of the ms',
  PRIMARY KEY (slot_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Up to when orders are counted in tallies; its one row is written along with what is counted, so that no order counts twice.
CREATE TABLE IF NOT EXISTS tally_mark (
  id INT NOT NULL COMMENT '1',
  counted_until BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The processes of this installation.
CREATE TABLE IF NOT EXISTS instances (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUID',
  host VARCHAR(190) NOT NULL COMMENT 'machine and process id, as in attempts.host',
  version VARCHAR(40) NOT NULL COMMENT 'of Parom',
  started_at BIGINT NOT NULL COMMENT 'unix ms',
  seen_at BIGINT NOT NULL COMMENT 'unix ms, when it last said that it is there',
  requests INT NOT NULL COMMENT 'how many it had sent to the CRM in the minute before that',
  busiest INT NOT NULL COMMENT 'most of them in one second',
  answered_at BIGINT NULL COMMENT 'unix ms, when the CRM last let it in',
  settings VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of the settings that its orders are mapped by',
  settings_read_at BIGINT NOT NULL COMMENT 'unix ms, when it last tried to read them',
  settings_faults MEDIUMTEXT NOT NULL COMMENT 'JSON: why it could not, and goes by the old ones',
  PRIMARY KEY (id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What people have ticked on the list of first steps.
CREATE TABLE IF NOT EXISTS checklist (
  item VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'backup, or dismissed for the whole list',
  at BIGINT NOT NULL COMMENT 'unix ms',
  login VARCHAR(190) NOT NULL COMMENT 'who did it',
  PRIMARY KEY (item)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- With the id, which tells when an order was received, the index alone says how long its delivery took.
ALTER TABLE messages
  DROP KEY messages_delivered,
  ADD KEY messages_delivered (delivered_at, id);

-- Who may sign in, beside those of users.ts.
CREATE TABLE IF NOT EXISTS people (
  login VARCHAR(190) NOT NULL,
  name VARCHAR(190) NOT NULL COMMENT 'how the pages greet the person',
  roles TEXT NOT NULL COMMENT 'JSON: ids of roles.ts',
  password VARCHAR(255) NULL COMMENT 'argon2id, null until it has been set by the link',
  invitation CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digest of the token of the link by which it can be set',
  invited_until BIGINT NULL COMMENT 'unix ms, then the link is over',
  created_at BIGINT NOT NULL COMMENT 'unix ms',
  created_by VARCHAR(190) NOT NULL COMMENT 'login, empty: nobody, it was the first of all',
  closed_at BIGINT NULL COMMENT 'unix ms, since then the person may not sign in',
  closed_by VARCHAR(190) NULL COMMENT 'login',
  PRIMARY KEY (login),
  UNIQUE KEY people_by_invitation (invitation)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Of what the link is made by which the first administrator comes in.
CREATE TABLE IF NOT EXISTS first_link (
  id INT NOT NULL COMMENT 'always 1',
  nonce CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'random, the token is its HMAC under the key of the installation',
  until BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How often somebody has tried in vain.
CREATE TABLE IF NOT EXISTS tries (
  name CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of what is counted: a login, an address, both',
  count INT NOT NULL COMMENT 'since the first that counts',
  until BIGINT NOT NULL COMMENT 'unix ms, then it counts anew',
  next_at BIGINT NOT NULL COMMENT 'unix ms, before that, no other try is taken',
  PRIMARY KEY (name),
  KEY tries_by_end (until)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who is signed in from where.
ALTER TABLE sessions
  ADD COLUMN login VARCHAR(190) NULL COMMENT 'null: nobody has signed in',
  ADD COLUMN address VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'network address from which that was done',
  ADD COLUMN agent VARCHAR(255) NULL COMMENT 'User-Agent of the browser',
  ADD COLUMN created_at BIGINT NULL COMMENT 'unix ms',
  ADD COLUMN seen_at BIGINT NULL COMMENT 'unix ms of the last request',
  ADD KEY sessions_by_login (login, seen_at);

-- Filters of the list of orders that people have named for themselves.
CREATE TABLE IF NOT EXISTS saved_views (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUIDv7',
  login VARCHAR(190) NOT NULL COMMENT 'whose it is, nobody else sees it',
  name VARCHAR(100) NOT NULL COMMENT 'as its owner calls it',
  query TEXT NOT NULL COMMENT 'the filters, as they stand in the address of the list',
  created_at BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (id),
  UNIQUE KEY saved_views_by_name (login, name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Orders that a person sent from the pages to try the settings.
ALTER TABLE messages
  ADD COLUMN test VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'sent, or cleaned once its lead was closed, null: a real order';

-- How the things that are watched stand. A rule that was never broken has no row.
CREATE TABLE IF NOT EXISTS alerts (
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host of the account',
  rule VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'one word of a closed list',
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ok or raised',
  since BIGINT NOT NULL COMMENT 'unix ms, when it became so',
  told_at BIGINT NULL COMMENT 'unix ms, when its last message was written down',
  details MEDIUMTEXT NULL COMMENT 'JSON: what there is to say of it',
  PRIMARY KEY (account, rule)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What is to be told, and was.
CREATE TABLE IF NOT EXISTS alert_messages (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUIDv7, ascending in time',
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host of the account',
  recipient VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'telegram:<chat>, email or webhook',
  rule VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'one word of a closed list',
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'raised, more or over',
  at BIGINT NOT NULL COMMENT 'unix ms, when it came to pass',
  since BIGINT NOT NULL COMMENT 'unix ms, when the trouble began',
  details MEDIUMTEXT NULL COMMENT 'JSON: what there is to say of it',
  due_at BIGINT NULL COMMENT 'unix ms, when it is to be sent, null: never again',
  tries INT NOT NULL DEFAULT 0 COMMENT 'how often sending it has failed',
  sent_at BIGINT NULL COMMENT 'unix ms',
  error TEXT NULL COMMENT 'what the last failure said',
  PRIMARY KEY (id),
  KEY alert_messages_due (account, due_at),
  KEY alert_messages_of_account (account, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What one process does at a time; when it dies another goes on.
CREATE TABLE IF NOT EXISTS duties (
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host of the account',
  duty VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'alerts',
  owner CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUID of the process',
  held_until BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (account, duty)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What one process asks all of them to do; each looks every few seconds.
CREATE TABLE IF NOT EXISTS notices (
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host of the account',
  kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'settings (read them again) or caches (forget them)',
  number INT NOT NULL COMMENT 'grows by one each time',
  asked_at BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (account, kind)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Shops that send their orders by the order API.
CREATE TABLE IF NOT EXISTS api_users (
  source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'by which its orders are known: api- and its prefix in small letters',
  name VARCHAR(190) NOT NULL COMMENT 'what people call it',
  email VARCHAR(190) NOT NULL COMMENT 'by which it signs in, in small letters',
  password VARCHAR(255) NULL COMMENT 'argon2id, null: it has set none',
  invitation CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digest of the code by which it can register',
  invited_until BIGINT NULL COMMENT 'unix ms, then the code is over',
  partner_id VARCHAR(190) NULL COMMENT 'the partner to whose contact its leads are linked, too',
  form VARCHAR(190) NULL COMMENT 'form of request.mapper for its orders, null: the one for their kind',
  rate_requests INT NULL COMMENT 'so many requests',
  rate_seconds INT NULL COMMENT 'in so many seconds, null: as many as it likes',
  next_code BIGINT NOT NULL DEFAULT 1 COMMENT 'number that the code of its next order may have',
  created_at BIGINT NOT NULL COMMENT 'unix ms',
  created_by VARCHAR(190) NOT NULL COMMENT 'login, empty: it registered itself',
  blocked_at BIGINT NULL COMMENT 'unix ms, since then it is not let in',
  blocked_by VARCHAR(190) NULL COMMENT 'login',
  PRIMARY KEY (source),
  UNIQUE KEY api_users_by_email (email),
  UNIQUE KEY api_users_by_invitation (invitation)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What it shows with its requests: `id|secret`.
CREATE TABLE IF NOT EXISTS api_tokens (
  id BIGINT NOT NULL AUTO_INCREMENT,
  source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'api_users.source',
  digest CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the secret in base64url',
  created_at BIGINT NOT NULL COMMENT 'unix ms',
  created_by VARCHAR(190) NOT NULL COMMENT 'login of the person who made it, empty: the shop signed in',
  used_at BIGINT NULL COMMENT 'unix ms, to the minute',
  PRIMARY KEY (id),
  KEY api_tokens_by_source (source)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

ALTER TABLE messages
  ADD COLUMN format VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'what the body is where the address said so: create-order, buy-click or callback, null: the body tells';

-- What is deleted when it is old, or because its buyer asked for it; the order's row stays.
ALTER TABLE messages
  ADD COLUMN erased_at BIGINT NULL COMMENT 'unix ms, when body, headers, phone and the like were deleted, null: they are there',
  ADD COLUMN erased_for VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'why: age or buyer';

-- How far each kind of old rows is deleted.
CREATE TABLE IF NOT EXISTS retention (
  task VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'payloads, attempts, rejected, audit, runs or tallies; clock: the runs over all of them',
  reached_at BIGINT NULL COMMENT 'unix ms: of what was delivered up to then, nothing is left; clock: the time that the last run went by',
  reached_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'and of that very moment, up to this messages.id',
  removed INT NOT NULL DEFAULT 0 COMMENT 'rows of the last run that deleted any',
  removed_at BIGINT NULL COMMENT 'unix ms, when that was; clock: when the last run began',
  ended_at BIGINT NULL COMMENT 'unix ms, when nothing was left; clock: when the last run ended, null: it goes on',
  PRIMARY KEY (task)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Delivered orders that had been sent again when it was their turn; they are looked at anew each time.
CREATE TABLE IF NOT EXISTS retention_later (
  task VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'payloads or attempts',
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'messages.id',
  PRIMARY KEY (task, message_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How often somebody may come, counted for all processes together.
CREATE TABLE IF NOT EXISTS rate_limits (
  name VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'whom it holds for, and how many requests in how many seconds',
  full_at BIGINT NOT NULL COMMENT 'unix microseconds, then it is as if nobody had come',
  PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

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
  ('0009-intake.sql', '959c015b9cdfca3fb911f61ff7eb7fdd5680fa2090efc667597e082f38904958'),
  ('0010-audit.sql', 'a4021eafb595bb790b31b662e5b468abdddafca6e6495b809eb411c5b9df2aa4'),
  ('0011-search.sql', '4b4ddd6259447f1401a480049df2daa9c376c3d41c42db7f0add418e86bdd301'),
  ('0012-runs.sql', '4cfe71cfb393b1d55ad1a47120c76d2d5a9573ee6f68bc0c6ada216a25745f73'),
  ('0013-overview.sql', 'b2533be07ef08b7c337a0143664d42c6639bbe4002f5123e89c1a3dd18de6fa1'),
  ('0014-people.sql', '188d71024bd728b94637e868a6dc654fd788f2263c53947488bc8581d5854569'),
  ('0015-saved-views.sql', '99a8b684ba6e1be18dd96f100ea2810e0f93b2ff0656fc5b892f98ad67387cc5'),
  ('0016-test-orders.sql', '4229d0f286094739a8ee0fd7b08eb4ad5abeae7c1ca4c5544092ecd85b22e7f0'),
  ('0017-alerts.sql', 'b03b93c6e2f34e6a709ce8403be18e17fc226f110ec236b168ea2e720c5705f1'),
  ('0018-order-api.sql', '1ca43a68ebf1faeb217f6f707c1fdb436563891d030cba049754c29370f8258d'),
  ('0019-retention.sql', 'c286142726a2663acc2ed56616563bfd6e9ca01f15b554e09329066e96e9553b'),
  ('0020-limits.sql', 'ce9535ba40e89c5dc06a92f47f6490f970ddbc9a65876bf7bd59126f47adfc13');
