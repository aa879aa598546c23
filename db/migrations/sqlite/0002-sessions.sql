-- Who is signed in.
CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,            -- digest of the session id in the cookie
  data TEXT NOT NULL,                      -- JSON
  expires_at INTEGER NOT NULL              -- unix ms
) WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
