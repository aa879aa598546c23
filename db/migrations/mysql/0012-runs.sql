-- Many orders sent again in one go.
CREATE TABLE IF NOT EXISTS runs (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'UUIDv7, given with the form that starts it, so that two clicks start one',
  account VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the amoCRM account of its orders',
  name VARCHAR(190) NOT NULL COMMENT 'as people call it',
  created_at BIGINT NOT NULL COMMENT 'unix ms, what came later is none of its orders',
  created_by VARCHAR(190) NOT NULL COMMENT 'login',
  scope MEDIUMTEXT NOT NULL COMMENT 'JSON: which orders were meant',
  unfinished CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digest of account and scope until it has ended, so that there are no two of the same',
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'running, paused, cancelled or done',
  position VARCHAR(190) NULL COMMENT 'JSON: how far its orders are found, null: all of them are',
  total INT NOT NULL DEFAULT 0 COMMENT 'orders found so far',
  queued INT NOT NULL DEFAULT 0 COMMENT 'of them in the queue, with nothing known since',
  retrying INT NOT NULL DEFAULT 0 COMMENT 'tried, and tried again later by themselves',
  delivered INT NOT NULL DEFAULT 0 COMMENT 'delivered since',
  failed INT NOT NULL DEFAULT 0 COMMENT 'given up again',
  skipped INT NOT NULL DEFAULT 0 COMMENT 'not sent, each for its own reason',
  worked_ms BIGINT NOT NULL DEFAULT 0 COMMENT 'for how long it has moved, without pauses',
  moved_at BIGINT NULL COMMENT 'unix ms, when any of these numbers last changed',
  ended_at BIGINT NULL COMMENT 'unix ms, null until it is cancelled or done',
  version INT NOT NULL DEFAULT 0 COMMENT 'counts every change: who writes has seen what was before',
  lease_owner CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the process that works on it',
  lease_until BIGINT NULL COMMENT 'unix ms',
  PRIMARY KEY (id),
  UNIQUE KEY runs_unfinished (unfinished),
  KEY runs_by_state (state, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One order of a run.
CREATE TABLE IF NOT EXISTS run_items (
  run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'runs.id',
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'messages.id',
  outcome VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'waiting, queued, retrying, delivered, failed or skipped',
  detail VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'one word: why it was skipped, or the reason of its failure',
  attempt INT NULL COMMENT 'messages.attempts when it was queued',
  PRIMARY KEY (run_id, message_id),
  KEY run_items_by_outcome (run_id, outcome, message_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
