-- Who did what on the pages. Rows are only ever added.
CREATE TABLE IF NOT EXISTS audit (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUIDv7, ascending in time',
  at BIGINT NOT NULL COMMENT 'unix ms',
  login VARCHAR(190) NOT NULL COMMENT 'who did it, or tried to sign in, empty: nobody who is known',
  address VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'network address from which it was done',
  action VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'one word of a closed list',
  target VARCHAR(190) NULL COMMENT 'what it was done to: the id of an order, a login',
  was MEDIUMTEXT NULL COMMENT 'JSON: how it was',
  became MEDIUMTEXT NULL COMMENT 'JSON: how it is since',
  PRIMARY KEY (id),
  KEY audit_by_login (login, id),
  KEY audit_by_action (action, id),
  KEY audit_by_target (target, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
