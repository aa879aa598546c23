-- What is deleted when it is old, or because its buyer asked for it; the order's row stays.
ALTER TABLE messages ADD COLUMN erased_at INTEGER;  -- unix ms, when body, headers, phone and the like were deleted; null: they are there
ALTER TABLE messages ADD COLUMN erased_for TEXT;    -- why: age or buyer

-- How far each kind of old rows is deleted.
CREATE TABLE retention (
  task TEXT NOT NULL PRIMARY KEY,          -- payloads, attempts, rejected, audit, runs or tallies; clock: the runs over all of them
  reached_at INTEGER,                      -- unix ms: of what was delivered up to then, nothing is left; clock: the time that the last run went by
  reached_id TEXT,                         -- and of that very moment, up to this messages.id
  removed INTEGER NOT NULL DEFAULT 0,      -- rows of the last run that deleted any
  removed_at INTEGER,                      -- unix ms, when that was; clock: when the last run began
  ended_at INTEGER                         -- unix ms, when nothing was left; clock: when the last run ended, null: it goes on
) WITHOUT ROWID;

-- Delivered orders that had been sent again when it was their turn; they are looked at anew each time.
CREATE TABLE retention_later (
  task TEXT NOT NULL,                      -- payloads or attempts
  message_id TEXT NOT NULL,                -- messages.id
  PRIMARY KEY (task, message_id)
) WITHOUT ROWID;
