-- How the settings fit the amoCRM account, as it was last found.
CREATE TABLE IF NOT EXISTS checkups (
  account VARCHAR(190) NOT NULL COMMENT 'the account''s host, as configured',
  begun_at BIGINT NOT NULL COMMENT 'unix ms, when the last checkup began',
  ended_at BIGINT COMMENT 'unix ms, when one last ended, in whatever way',
  found_at BIGINT COMMENT 'unix ms, when the report was made',
  errors INT NOT NULL DEFAULT 0 COMMENT 'how many errors the report holds',
  report MEDIUMTEXT COMMENT 'JSON: the findings',
  trouble TEXT COMMENT 'JSON: the findings that kept the last checkup from more; null when none did',
  PRIMARY KEY (account)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
