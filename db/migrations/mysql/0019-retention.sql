-- What is deleted when it is old, or because its buyer asked for it; the order's row stays.
ALTER TABLE messages
  ADD COLUMN erased_at BIGINT NULL COMMENT 'unix ms, when body, headers, phone and the like were deleted, null: they are there',
  ADD COLUMN erased_for VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'why: age or buyer';

-- How far each kind of old rows is deleted.
CREATE TABLE IF NOT EXISTS retention (
  task VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'payloads, attempts, rejected, audit, runs or tallies; clock: the runs over all of them',
  reached_at BIGINT NULL COMMENT 'unix ms: of what was delivered up to then, nothing is left; clock: the time that the last run went by',
  reached_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'and of that very moment, up to this messages.id',
  removed INT NOT NULL DEFAULT 0 COMMENT 'rows of the last run that deleted any',
  removed_at BIGINT NULL COMMENT 'unix ms, when that was; clock: when the last run began',
  ended_at BIGINT NULL COMMENT 'unix ms, when nothing was left; clock: when the last run ended, null: it goes on',
  PRIMARY KEY (task)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Delivered orders that had been sent again when it was their turn; they are looked at anew each time.
CREATE TABLE IF NOT EXISTS retention_later (
  task VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'payloads or attempts',
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'messages.id',
  PRIMARY KEY (task, message_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
