-- Who may sign in, beside those of users.ts.
CREATE TABLE people (
  login TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,                      -- how the pages greet the person
  roles TEXT NOT NULL,                     -- JSON: ids of roles.ts
  password TEXT,                           -- argon2id; null until it has been set by the link
  invitation TEXT,                         -- digest of the token of the link by which it can be set
  invited_until INTEGER,                   -- unix ms; then the link is over
  created_at INTEGER NOT NULL,             -- unix ms
  created_by TEXT NOT NULL,                -- login; empty: nobody, it was the first of all
  closed_at INTEGER,                       -- unix ms; since then the person may not sign in
  closed_by TEXT                           -- login
) WITHOUT ROWID;
CREATE UNIQUE INDEX people_by_invitation ON people (invitation) WHERE invitation IS NOT NULL;

-- Of what the link is made by which the first administrator comes in.
CREATE TABLE first_link (
  id INTEGER NOT NULL PRIMARY KEY,         -- always 1
  nonce TEXT NOT NULL,                     -- random; the token is its HMAC under the key of the installation
  until INTEGER NOT NULL                   -- unix ms
);

-- How often somebody has tried in vain.
CREATE TABLE tries (
  name TEXT NOT NULL PRIMARY KEY,          -- digest of what is counted: a login, an address, both
  count INTEGER NOT NULL,                  -- since the first that counts
  until INTEGER NOT NULL,                  -- unix ms; then it counts anew
  next_at INTEGER NOT NULL                 -- unix ms; before that, no other try is taken
) WITHOUT ROWID;
CREATE INDEX tries_by_end ON tries (until);

-- Who is signed in from where.
ALTER TABLE sessions ADD COLUMN login TEXT;           -- null: nobody has signed in
ALTER TABLE sessions ADD COLUMN address TEXT;         -- network address from which that was done
ALTER TABLE sessions ADD COLUMN agent TEXT;           -- User-Agent of the browser
ALTER TABLE sessions ADD COLUMN created_at INTEGER;   -- unix ms
ALTER TABLE sessions ADD COLUMN seen_at INTEGER;      -- unix ms of the last request
CREATE INDEX sessions_by_login ON sessions (login, seen_at) WHERE login IS NOT NULL;
