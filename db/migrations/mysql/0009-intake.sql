-- What is known of a request besides the order: who sent it, whether it came again, what it repeats with another body.
ALTER TABLE messages
  ADD COLUMN address VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'network address of who sent it',
  ADD COLUMN duplicated_at BIGINT NULL COMMENT 'unix ms, when the same order last came again',
  ADD COLUMN body_digest CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'SHA-256 of the body, where dedupe_key is not made of it',
  ADD COLUMN original_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'messages.id of the order that came first with the same id from its sender but another body',
  ADD COLUMN truncated TINYINT NOT NULL DEFAULT 0 COMMENT '1: the request was refused, and not all of its body was kept',
  MODIFY COLUMN state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'pending, delivered, held, dead or rejected',
  ADD KEY messages_by_original (original_id);
