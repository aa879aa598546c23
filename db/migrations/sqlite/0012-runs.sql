-- Many orders sent again in one go.
CREATE TABLE runs (
  id TEXT NOT NULL PRIMARY KEY,            -- UUIDv7, given with the form that starts it, so that two clicks start one
  account TEXT NOT NULL,                   -- the amoCRM account of its orders
  name TEXT NOT NULL,                      -- as people call it
  created_at INTEGER NOT NULL,             -- unix ms; what came later is none of its orders
  created_by TEXT NOT NULL,                -- login
  scope TEXT NOT NULL,                     -- JSON: which orders were meant
  unfinished TEXT,                         -- digest of account and scope until it has ended, so that there are no two of the same
  state TEXT NOT NULL,                     -- running, paused, cancelled or done
  position TEXT,                           -- JSON: how far its orders are found; null: all of them are
  total INTEGER NOT NULL DEFAULT 0,        -- orders found so far
  queued INTEGER NOT NULL DEFAULT 0,       -- of them in the queue, with nothing known since
  retrying INTEGER NOT NULL DEFAULT 0,     -- tried, and tried again later by themselves
  delivered INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,       -- given up again
  skipped INTEGER NOT NULL DEFAULT 0,      -- not sent, each for its own reason
  worked_ms INTEGER NOT NULL DEFAULT 0,    -- for how long it has moved, without pauses
  moved_at INTEGER,                        -- unix ms, when any of these numbers last changed
  ended_at INTEGER,                        -- unix ms; null until it is cancelled or done
  version INTEGER NOT NULL DEFAULT 0,      -- counts every change: who writes has seen what was before
  lease_owner TEXT,                        -- the process that works on it
  lease_until INTEGER                      -- unix ms
) WITHOUT ROWID;
CREATE UNIQUE INDEX runs_unfinished ON runs (unfinished) WHERE unfinished IS NOT NULL;
CREATE INDEX runs_by_state ON runs (state, id);

-- One order of a run.
CREATE TABLE run_items (
  run_id TEXT NOT NULL,                    -- runs.id
  message_id TEXT NOT NULL,                -- messages.id
  outcome TEXT NOT NULL,                   -- waiting, queued, retrying, delivered, failed or skipped
  detail TEXT,                             -- one word: why it was skipped, or the reason of its failure
  attempt INTEGER,                         -- messages.attempts when it was queued
  PRIMARY KEY (run_id, message_id)
) WITHOUT ROWID;
CREATE INDEX run_items_by_outcome ON run_items (run_id, outcome, message_id);
