-- Our own copy of what the CRM cannot be asked for exactly, and of what seldom changes.
CREATE TABLE mirror_lists (
  id INTEGER PRIMARY KEY AUTOINCREMENT,    -- never used again, so that nobody writes to a list that has taken the place of another
  account TEXT NOT NULL,                   -- the account's host, as configured
  crm_account INTEGER NOT NULL,            -- id of the account that was connected, as the CRM says
  list TEXT NOT NULL,                      -- contacts, companies, products, or what is read as a whole: account, pipelines, …
  fill_number INTEGER NOT NULL DEFAULT 0,  -- counts the fillings and the forgettings; the fence of a filling
  filled_at INTEGER,                       -- unix ms, when the last reading of all of it began; null: it is not whole
  read_at INTEGER,                         -- unix ms, when the last reading of its changes began
  changes_until INTEGER,                   -- unix seconds of the CRM: what was changed up to then is here
  filling_until INTEGER,                   -- unix ms, until when nobody else fills it
  data TEXT,                               -- JSON of what is read as a whole; of products the id of their catalog, of contacts that of the field of partners
  digest TEXT                              -- of data; tells whether it has changed
);

CREATE UNIQUE INDEX mirror_lists_of_account ON mirror_lists (account, crm_account, list);

-- The contacts, companies and products of the lists.
CREATE TABLE mirror_items (
  list_id INTEGER NOT NULL,                -- mirror_lists.id
  id INTEGER NOT NULL,                     -- as the CRM says
  created_at INTEGER NOT NULL,             -- unix seconds of the CRM
  updated_at INTEGER NOT NULL,             -- unix seconds of the CRM; 0: from ourselves
  seen INTEGER NOT NULL,                   -- the fill_number under which it was last seen
  data TEXT,                               -- JSON of what is compared; null: it is deleted, and late news do not bring it back
  PRIMARY KEY (list_id, id)
) WITHOUT ROWID;

-- By what the items are found.
CREATE TABLE mirror_keys (
  list_id INTEGER NOT NULL,                -- mirror_lists.id
  digest TEXT NOT NULL,                    -- of kind and normalised value; the value itself is compared afterwards
  kind TEXT NOT NULL,                      -- partner, phone, email, name or sku
  id INTEGER NOT NULL,                     -- mirror_items.id
  PRIMARY KEY (list_id, digest, id)
) WITHOUT ROWID;

CREATE INDEX mirror_keys_of_item ON mirror_keys (list_id, id);

-- Items that the CRM has named without saying how they are now.
CREATE TABLE mirror_rereads (
  list_id INTEGER NOT NULL,                -- mirror_lists.id
  id INTEGER NOT NULL,                     -- as the CRM says
  asked_at INTEGER NOT NULL,               -- unix ms, when it was last named
  PRIMARY KEY (list_id, id)
) WITHOUT ROWID;
