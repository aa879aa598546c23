-- One inbound order, stored as it was received, and how far it has come.
CREATE TABLE messages (
  id TEXT NOT NULL PRIMARY KEY,            -- UUIDv7; ascending in time
  account TEXT NOT NULL,                   -- the amoCRM account it goes to
  source TEXT NOT NULL,                    -- who sent it
  received_at INTEGER NOT NULL,            -- unix ms
  dedupe_key TEXT NOT NULL,                -- what makes it the same order again, per source
  duplicates INTEGER NOT NULL DEFAULT 0,   -- how often the same order came again
  content_type TEXT NOT NULL,              -- as sent, with charset and boundary
  headers TEXT NOT NULL,                   -- JSON object of the request's headers, without secrets
  body BLOB NOT NULL,                      -- the bytes as received
  state TEXT NOT NULL,                     -- pending, delivered, held or dead
  attempts INTEGER NOT NULL DEFAULT 0,     -- tries so far; also the fence of a claim
  attempts_before INTEGER NOT NULL DEFAULT 0, -- attempts made before a person last sent it again; the waits count from there
  next_attempt_at INTEGER,                 -- unix ms; when it is due, 0 for a new one. While it is claimed: when the lease lapses. Null: never by itself
  lease_until INTEGER,                     -- unix ms; null when nobody holds it
  reason TEXT,                             -- one word of the closed list, from the last failure
  error TEXT,                              -- what the last failure said
  lead_request_at INTEGER,                 -- unix ms; a create was sent then and its answer may be unknown
  lead_id INTEGER,                         -- the lead in amoCRM
  products_linked_at INTEGER,              -- unix ms; all products are linked
  note_id INTEGER,                         -- the note in amoCRM
  warnings TEXT,                           -- JSON list of what could not be placed
  form TEXT,                               -- form of request.mapper that was used
  order_number TEXT,                       -- the shop's number of the order
  partner_id TEXT,                         -- the shop's id of the partner
  phone_digits TEXT,                       -- digits of the buyer's phone
  email TEXT,                              -- the buyer's e-mail, lower case
  UNIQUE (source, dedupe_key)
);
CREATE INDEX messages_due ON messages (account, state, next_attempt_at, id);
CREATE INDEX messages_by_state ON messages (state, id);
CREATE INDEX messages_by_partner ON messages (partner_id, id);
CREATE INDEX messages_by_order_number ON messages (order_number, id);
CREATE INDEX messages_by_phone ON messages (phone_digits, id);
CREATE INDEX messages_by_email ON messages (email, id);
CREATE INDEX messages_by_lead ON messages (lead_id);

-- One try to carry a message to the CRM.
CREATE TABLE attempts (
  message_id TEXT NOT NULL,                -- messages.id
  number INTEGER NOT NULL,                 -- 1 for the first
  started_at INTEGER NOT NULL,             -- unix ms
  finished_at INTEGER,                     -- unix ms; null while it runs or when its process died
  outcome TEXT,                            -- delivered, retry, held or dead
  reason TEXT,                             -- one word of the closed list
  error TEXT,                              -- what went wrong, in the CRM's own words
  PRIMARY KEY (message_id, number)
) WITHOUT ROWID;

-- One effect of an attempt on the CRM; written before it is sent and again when its answer is known.
CREATE TABLE steps (
  message_id TEXT NOT NULL,                -- messages.id
  attempt INTEGER NOT NULL,                -- attempts.number
  ordinal INTEGER NOT NULL,                -- order within the attempt, from 1
  name TEXT NOT NULL,                      -- recover, lead, products or note
  state TEXT NOT NULL,                     -- sent, confirmed, failed or unknown
  started_at INTEGER NOT NULL,             -- unix ms
  finished_at INTEGER,                     -- unix ms
  http_status INTEGER,                     -- of the last answer; null when none came
  request TEXT,                            -- JSON: method, path and body of the last request, without secrets
  answer TEXT,                             -- the last answer's body
  PRIMARY KEY (message_id, attempt, ordinal)
) WITHOUT ROWID;
