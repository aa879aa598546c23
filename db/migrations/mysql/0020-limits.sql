-- How often somebody may come, counted for all processes together.
CREATE TABLE IF NOT EXISTS rate_limits (
  name VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'whom it holds for, and how many requests in how many seconds',
  full_at BIGINT NOT NULL COMMENT 'unix microseconds, then it is as if nobody had come',
  PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
