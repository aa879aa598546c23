-- What the overview shows.
-- What was received, delivered and given up in each quarter of an hour; those in which nothing was have no row.
CREATE TABLE tallies (
  slot_at INTEGER NOT NULL PRIMARY KEY,    -- unix ms, when the quarter of an hour begins
  received INTEGER NOT NULL DEFAULT 0,     -- orders that were taken in
  delivered INTEGER NOT NULL DEFAULT 0,    -- orders that were delivered for the first time
  failed INTEGER NOT NULL DEFAULT 0,       -- orders that came to rest as dead
  times TEXT                               -- JSON: how many of the delivered ones took how long, by the logarithm of the ms
);

-- Up to when orders are counted in tallies; its one row is written along with what is counted, so that no order counts twice.
CREATE TABLE tally_mark (
  id INTEGER NOT NULL PRIMARY KEY,         -- 1
  counted_until INTEGER NOT NULL           -- unix ms
);

-- The processes of this installation.
CREATE TABLE instances (
  id TEXT NOT NULL PRIMARY KEY,            -- UUID
  host TEXT NOT NULL,                      -- machine and process id, as in attempts.host
  version TEXT NOT NULL,                   -- of Parom
  started_at INTEGER NOT NULL,             -- unix ms
  seen_at INTEGER NOT NULL,                -- unix ms, when it last said that it is there
  requests INTEGER NOT NULL,               -- how many it had sent to the CRM in the minute before that
  busiest INTEGER NOT NULL,                -- most of them in one second
  answered_at INTEGER,                     -- unix ms, when the CRM last let it in
  settings TEXT NOT NULL,                  -- digest of the settings that its orders are mapped by
  settings_read_at INTEGER NOT NULL,       -- unix ms, when it last tried to read them
  settings_faults TEXT NOT NULL            -- JSON: why it could not, and goes by the old ones
) WITHOUT ROWID;

-- What people have ticked on the list of first steps.
CREATE TABLE checklist (
  item TEXT NOT NULL PRIMARY KEY,          -- backup, or dismissed for the whole list
  at INTEGER NOT NULL,                     -- unix ms
  login TEXT NOT NULL                      -- who did it
) WITHOUT ROWID;

-- With the id, which tells when an order was received, the index alone says how long its delivery took.
DROP INDEX messages_delivered;
CREATE INDEX messages_delivered ON messages (delivered_at, id) WHERE delivered_at IS NOT NULL;
