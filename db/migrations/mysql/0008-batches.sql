-- Which lead of an order is meant, and when its links are read back.
ALTER TABLE messages
  ADD COLUMN edition INT NOT NULL DEFAULT 1 COMMENT 'which lead of this order is meant: 2 and more after a person has asked for another one',
  ADD COLUMN lead_marked TINYINT NULL COMMENT '0: the create of lead_request_at went out without the key by which its lead could be found',
  ADD COLUMN products_check_at BIGINT NULL COMMENT 'unix ms, when it is due to be read whether the products have stayed linked, null: never',
  ADD COLUMN products_expected INT NULL COMMENT 'how many products were linked then',
  ADD KEY messages_to_check (account, products_check_at),
  ADD KEY messages_by_reason (reason, id);

-- Who made an attempt, and by which settings.
ALTER TABLE attempts
  ADD COLUMN host VARCHAR(255) NULL COMMENT 'machine and process id of who made it',
  ADD COLUMN config_version CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digest of the settings that orders are mapped by';

-- When a step was sent, where to, and along with how many other orders.
ALTER TABLE steps
  ADD COLUMN sent_at BIGINT NULL COMMENT 'unix ms, when its request went out, null while it is only planned',
  ADD COLUMN host VARCHAR(255) NULL COMMENT 'host of the CRM that was asked',
  ADD COLUMN orders INT NULL COMMENT 'how many orders the request was for';

-- Whether a person has stopped the delivery.
ALTER TABLE connections
  ADD COLUMN stopped_at BIGINT NULL COMMENT 'unix ms, since when a person has stopped the delivery, null: it goes on',
  ADD COLUMN stopped_by VARCHAR(190) NULL COMMENT 'login of who stopped it';
