-- How the settings fit the amoCRM account, as it was last found.
CREATE TABLE checkups (
  account TEXT NOT NULL PRIMARY KEY,       -- the account's host, as configured
  begun_at INTEGER NOT NULL,               -- unix ms, when the last checkup began
  ended_at INTEGER,                        -- unix ms, when one last ended, in whatever way
  found_at INTEGER,                        -- unix ms, when the report was made
  errors INTEGER NOT NULL DEFAULT 0,       -- how many errors the report holds
  report TEXT,                             -- JSON: the findings
  trouble TEXT                             -- JSON: the findings that kept the last checkup from more; null when none did
);
