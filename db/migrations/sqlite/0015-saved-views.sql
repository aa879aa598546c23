-- Filters of the list of orders that people have named for themselves.
CREATE TABLE saved_views (
  id TEXT NOT NULL PRIMARY KEY,            -- UUIDv7
  login TEXT NOT NULL,                     -- whose it is; nobody else sees it
  name TEXT NOT NULL,                      -- as its owner calls it
  query TEXT NOT NULL,                     -- the filters, as they stand in the address of the list
  created_at INTEGER NOT NULL              -- unix ms
) WITHOUT ROWID;
CREATE UNIQUE INDEX saved_views_by_name ON saved_views (login, name);
