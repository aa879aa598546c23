-- How the things that are watched stand. A rule that was never broken has no row.
CREATE TABLE IF NOT EXISTS alerts (
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host of the account',
  rule VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'one word of a closed list',
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ok or raised',
  since BIGINT NOT NULL COMMENT 'unix ms, when it became so',
  told_at BIGINT NULL COMMENT 'unix ms, when its last message was written down',
  details MEDIUMTEXT NULL COMMENT 'JSON: what there is to say of it',
  PRIMARY KEY (account, rule)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What is to be told, and was.
CREATE TABLE IF NOT EXISTS alert_messages (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUIDv7, ascending in time',
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host of the account',
  recipient VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'telegram:<chat>, email or webhook',
  rule VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'one word of a closed list',
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'raised, more or over',
  at BIGINT NOT NULL COMMENT 'unix ms, when it came to pass',
  since BIGINT NOT NULL COMMENT 'unix ms, when the trouble began',
  details MEDIUMTEXT NULL COMMENT 'JSON: what there is to say of it',
  due_at BIGINT NULL COMMENT 'unix ms, when it is to be sent, null: never again',
  tries INT NOT NULL DEFAULT 0 COMMENT 'how often sending it has failed',
  sent_at BIGINT NULL COMMENT 'unix ms',
  error TEXT NULL COMMENT 'what the last failure said',
  PRIMARY KEY (id),
  KEY alert_messages_due (account, due_at),
  KEY alert_messages_of_account (account, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What one process does at a time; when it dies another goes on.
CREATE TABLE IF NOT EXISTS duties (
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host of the account',
  duty VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'alerts',
  owner CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUID of the process',
  held_until BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (account, duty)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What one process asks all of them to do; each looks every few seconds.
CREATE TABLE IF NOT EXISTS notices (
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'host of the account',
  kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'settings (read them again) or caches (forget them)',
  number INT NOT NULL COMMENT 'grows by one each time',
  asked_at BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (account, kind)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
