-- How often somebody may come, counted for all processes together.
CREATE TABLE rate_limits (
  name TEXT NOT NULL PRIMARY KEY,  -- whom it holds for, and how many requests in how many seconds
  full_at INTEGER NOT NULL         -- unix microseconds; then it is as if nobody had come
) WITHOUT ROWID;
