-- Who did what on the pages. Rows are only ever added.
CREATE TABLE audit (
  id TEXT NOT NULL PRIMARY KEY,            -- UUIDv7; ascending in time
  at INTEGER NOT NULL,                     -- unix ms
  login TEXT NOT NULL,                     -- who did it, or tried to sign in; empty: nobody who is known
  address TEXT,                            -- network address from which it was done
  action TEXT NOT NULL,                    -- one word of a closed list
  target TEXT,                             -- what it was done to: the id of an order, a login
  was TEXT,                                -- JSON: how it was
  became TEXT                              -- JSON: how it is since
) WITHOUT ROWID;
CREATE INDEX audit_by_login ON audit (login, id);
CREATE INDEX audit_by_action ON audit (action, id);
CREATE INDEX audit_by_target ON audit (target, id) WHERE target IS NOT NULL;
