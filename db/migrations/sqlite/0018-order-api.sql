-- Shops that send their orders by the order API.
CREATE TABLE api_users (
  source TEXT NOT NULL PRIMARY KEY,        -- by which its orders are known: 'api-' and its prefix in small letters
  name TEXT NOT NULL,                      -- what people call it
  email TEXT NOT NULL UNIQUE,              -- by which it signs in, in small letters
  password TEXT,                           -- argon2id; null: it has set none
  invitation TEXT UNIQUE,                  -- digest of the code by which it can register
  invited_until INTEGER,                   -- unix ms; then the code is over
  partner_id TEXT,                         -- the partner to whose contact its leads are linked, too
  form TEXT,                               -- form of request.mapper for its orders; null: the one for their kind
  rate_requests INTEGER,                   -- so many requests
  rate_seconds INTEGER,                    -- in so many seconds; null: as many as it likes
  next_code INTEGER NOT NULL DEFAULT 1,    -- number that the code of its next order may have
  created_at INTEGER NOT NULL,             -- unix ms
  created_by TEXT NOT NULL,                -- login; empty: it registered itself
  blocked_at INTEGER,                      -- unix ms; since then it is not let in
  blocked_by TEXT                          -- login
) WITHOUT ROWID;

-- What it shows with its requests: `id|secret`.
CREATE TABLE api_tokens (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,                    -- api_users.source
  digest TEXT NOT NULL,                    -- SHA-256 of the secret in base64url
  created_at INTEGER NOT NULL,             -- unix ms
  created_by TEXT NOT NULL,                -- login of the person who made it; empty: the shop signed in
  used_at INTEGER                          -- unix ms, to the minute
);
CREATE INDEX api_tokens_by_source ON api_tokens (source);

ALTER TABLE messages ADD COLUMN format TEXT;  -- what the body is where the address said so: create-order, buy-click or callback; null: the body tells
