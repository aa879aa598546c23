-- How Parom is let into an amoCRM account.
CREATE TABLE connections (
  account TEXT NOT NULL PRIMARY KEY,       -- the account's host, as configured
  version INTEGER NOT NULL,                -- counts the changes of the tokens and of the host; the fence of a refresh
  kind TEXT NOT NULL,                      -- oauth, long_lived or none
  base_url TEXT,                           -- where the account is found by now; null: as configured
  configured_url TEXT NOT NULL,            -- what was configured when base_url was found
  configured_token TEXT,                   -- digest of the AMO_ACCESS_TOKEN that was last taken over
  access_token TEXT,                       -- encrypted with APP_KEY
  refresh_token TEXT,                      -- encrypted with APP_KEY
  refused_as TEXT,                         -- digest of the integration's settings with which the CRM refused the refresh token
  access_expires_at INTEGER,               -- unix ms
  connected_at INTEGER,                    -- unix ms, since when this connection is there
  refreshed_at INTEGER,                    -- unix ms, when the tokens were issued
  lease_owner TEXT,                        -- who refreshes the tokens right now
  lease_until INTEGER,                     -- unix ms, until when nobody else does
  quiet_until INTEGER,                     -- unix ms, before which nothing is sent: the CRM has locked us out
  account_id INTEGER,                      -- as the CRM says
  account_name TEXT,                       -- as the CRM says
  user_id INTEGER,                         -- whose rights we have
  user_name TEXT,                          -- whose rights we have
  is_admin INTEGER,                        -- 1, 0, or null when the CRM does not say
  lost_reason TEXT,                        -- why the CRM does not let us in; null while it does
  lost_error TEXT,                         -- what it said
  lost_at INTEGER,                         -- unix ms
  paused_until INTEGER,                    -- unix ms, until when the CRM asked to be left alone
  delivery_owner TEXT,                     -- which process delivers: one at a time, so that the CRM's limit is kept
  delivery_until INTEGER,                  -- unix ms, until when no other process does
  people_until INTEGER                     -- unix ms, until when no other request of people goes out
) WITHOUT ROWID;
