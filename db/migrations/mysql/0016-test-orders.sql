-- Orders that a person sent from the pages to try the settings.
ALTER TABLE messages
  ADD COLUMN test VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'sent, or cleaned once its lead was closed, null: a real order';
