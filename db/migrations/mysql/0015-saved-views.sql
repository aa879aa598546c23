-- Filters of the list of orders that people have named for themselves.
CREATE TABLE IF NOT EXISTS saved_views (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUIDv7',
  login VARCHAR(190) NOT NULL COMMENT 'whose it is, nobody else sees it',
  name VARCHAR(100) NOT NULL COMMENT 'as its owner calls it',
  query TEXT NOT NULL COMMENT 'the filters, as they stand in the address of the list',
  created_at BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (id),
  UNIQUE KEY saved_views_by_name (login, name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
