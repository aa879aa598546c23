-- Our own copy of what the CRM cannot be asked for exactly, and of what seldom changes.
CREATE TABLE IF NOT EXISTS mirror_lists (
  id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'never used again, so that nobody writes to a list that has taken the place of another',
  account VARCHAR(190) NOT NULL COMMENT 'the account''s host, as configured',
  crm_account BIGINT NOT NULL COMMENT 'id of the account that was connected, as the CRM says',
  list VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'contacts, companies, products, or what is read as a whole: account, pipelines, …',
  fill_number BIGINT NOT NULL DEFAULT 0 COMMENT 'counts the fillings and the forgettings; the fence of a filling',
  filled_at BIGINT COMMENT 'unix ms, when the last reading of all of it began; null: it is not whole',
  read_at BIGINT COMMENT 'unix ms, when the last reading of its changes began',
  changes_until BIGINT COMMENT 'unix seconds of the CRM: what was changed up to then is here',
  filling_until BIGINT COMMENT 'unix ms, until when nobody else fills it',
  data LONGTEXT COMMENT 'JSON of what is read as a whole; of products the id of their catalog, of contacts that of the field of partners',
  digest CHAR(22) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'of data; tells whether it has changed',
  PRIMARY KEY (id),
  UNIQUE KEY mirror_lists_of_account (account, crm_account, list)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The contacts, companies and products of the lists.
CREATE TABLE IF NOT EXISTS mirror_items (
  list_id BIGINT NOT NULL COMMENT 'mirror_lists.id',
  id BIGINT NOT NULL COMMENT 'as the CRM says',
  created_at BIGINT NOT NULL COMMENT 'unix seconds of the CRM',
  updated_at BIGINT NOT NULL COMMENT 'unix seconds of the CRM; 0: from ourselves',
  seen BIGINT NOT NULL COMMENT 'the fill_number under which it was last seen',
  data MEDIUMTEXT COMMENT 'JSON of what is compared; null: it is deleted, and late news do not bring it back',
  PRIMARY KEY (list_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- By what the items are found.
CREATE TABLE IF NOT EXISTS mirror_keys (
  list_id BIGINT NOT NULL COMMENT 'mirror_lists.id',
  digest CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of kind and normalised value; the value itself is compared afterwards',
  kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'partner, phone, email, name or sku',
  id BIGINT NOT NULL COMMENT 'mirror_items.id',
  PRIMARY KEY (list_id, digest, id),
  KEY mirror_keys_of_item (list_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Items that the CRM has named without saying how they are now.
CREATE TABLE IF NOT EXISTS mirror_rereads (
  list_id BIGINT NOT NULL COMMENT 'mirror_lists.id',
  id BIGINT NOT NULL COMMENT 'as the CRM says',
  asked_at BIGINT NOT NULL COMMENT 'unix ms, when it was last named',
  PRIMARY KEY (list_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
