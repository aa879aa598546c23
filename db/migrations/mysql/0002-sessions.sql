-- Who is signed in.
CREATE TABLE IF NOT EXISTS sessions (
  id CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of the session id in the cookie',
  data MEDIUMTEXT NOT NULL COMMENT 'JSON',
  expires_at BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (id),
  KEY sessions_by_expiry (expires_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
