-- How the things that are watched stand. A rule that was never broken has no row.
CREATE TABLE alerts (
  account TEXT NOT NULL,                   -- host of the account
  rule TEXT NOT NULL,                      -- one word of a closed list
  state TEXT NOT NULL,                     -- ok or raised
  since INTEGER NOT NULL,                  -- unix ms, when it became so
  told_at INTEGER,                         -- unix ms, when its last message was written down
  details TEXT,                            -- JSON: what there is to say of it
  PRIMARY KEY (account, rule)
) WITHOUT ROWID;

-- What is to be told, and was.
CREATE TABLE alert_messages (
  id TEXT NOT NULL PRIMARY KEY,            -- UUIDv7; ascending in time
  account TEXT NOT NULL,                   -- host of the account
  recipient TEXT NOT NULL,                 -- telegram:<chat>, email or webhook
  rule TEXT NOT NULL,                      -- one word of a closed list
  kind TEXT NOT NULL,                      -- raised, more or over
  at INTEGER NOT NULL,                     -- unix ms, when it came to pass
  since INTEGER NOT NULL,                  -- unix ms, when the trouble began
  details TEXT,                            -- JSON: what there is to say of it
  due_at INTEGER,                          -- unix ms, when it is to be sent; null: never again
  tries INTEGER NOT NULL DEFAULT 0,        -- how often sending it has failed
  sent_at INTEGER,                         -- unix ms
  error TEXT                               -- what the last failure said
) WITHOUT ROWID;
CREATE INDEX alert_messages_due ON alert_messages (account, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX alert_messages_of_account ON alert_messages (account, id);

-- What one process does at a time; when it dies another goes on.
CREATE TABLE duties (
  account TEXT NOT NULL,                   -- host of the account
  duty TEXT NOT NULL,                      -- alerts
  owner TEXT NOT NULL,                     -- UUID of the process
  held_until INTEGER NOT NULL,             -- unix ms
  PRIMARY KEY (account, duty)
) WITHOUT ROWID;

-- What one process asks all of them to do; each looks every few seconds.
CREATE TABLE notices (
  account TEXT NOT NULL,                   -- host of the account
  kind TEXT NOT NULL,                      -- settings (read them again) or caches (forget them)
  number INTEGER NOT NULL,                 -- grows by one each time
  asked_at INTEGER NOT NULL,               -- unix ms
  PRIMARY KEY (account, kind)
) WITHOUT ROWID;
