-- What the overview shows.
-- What was received, delivered and given up in each quarter of an hour; those in which nothing was have no row.
CREATE TABLE IF NOT EXISTS tallies (
  slot_at BIGINT NOT NULL COMMENT 'unix ms, when the quarter of an hour begins',
  received INT NOT NULL DEFAULT 0 COMMENT 'orders that were taken in',
  delivered INT NOT NULL DEFAULT 0 COMMENT 'orders that were delivered for the first time',
  failed INT NOT NULL DEFAULT 0 COMMENT 'orders that came to rest as dead',
  times TEXT NULL COMMENT 'JSON: how many of the delivered ones took how long, by the logarithm of the ms',
  PRIMARY KEY (slot_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Up to when orders are counted in tallies; its one row is written along with what is counted, so that no order counts twice.
CREATE TABLE IF NOT EXISTS tally_mark (
  id INT NOT NULL COMMENT '1',
  counted_until BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The processes of this installation.
CREATE TABLE IF NOT EXISTS instances (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUID',
  host VARCHAR(190) NOT NULL COMMENT 'machine and process id, as in attempts.host',
  version VARCHAR(40) NOT NULL COMMENT 'of Parom',
  started_at BIGINT NOT NULL COMMENT 'unix ms',
  seen_at BIGINT NOT NULL COMMENT 'unix ms, when it last said that it is there',
  requests INT NOT NULL COMMENT 'how many it had sent to the CRM in the minute before that',
  busiest INT NOT NULL COMMENT 'most of them in one second',
  answered_at BIGINT NULL COMMENT 'unix ms, when the CRM last let it in',
  settings VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of the settings that its orders are mapped by',
  settings_read_at BIGINT NOT NULL COMMENT 'unix ms, when it last tried to read them',
  settings_faults MEDIUMTEXT NOT NULL COMMENT 'JSON: why it could not, and goes by the old ones',
  PRIMARY KEY (id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What people have ticked on the list of first steps.
CREATE TABLE IF NOT EXISTS checklist (
  item VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'backup, or dismissed for the whole list',
  at BIGINT NOT NULL COMMENT 'unix ms',
  login VARCHAR(190) NOT NULL COMMENT 'who did it',
  PRIMARY KEY (item)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- With the id, which tells when an order was received, the index alone says how long its delivery took.
ALTER TABLE messages
  DROP KEY messages_delivered,
  ADD KEY messages_delivered (delivered_at, id);
