-- Shops that send their orders by the order API.
CREATE TABLE IF NOT EXISTS api_users (
  source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'by which its orders are known: api- and its prefix in small letters',
  name VARCHAR(190) NOT NULL COMMENT 'what people call it',
  email VARCHAR(190) NOT NULL COMMENT 'by which it signs in, in small letters',
  password VARCHAR(255) NULL COMMENT 'argon2id, null: it has set none',
  invitation CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digest of the code by which it can register',
  invited_until BIGINT NULL COMMENT 'unix ms, then the code is over',
  partner_id VARCHAR(190) NULL COMMENT 'the partner to whose contact its leads are linked, too',
  form VARCHAR(190) NULL COMMENT 'form of request.mapper for its orders, null: the one for their kind',
  rate_requests INT NULL COMMENT 'so many requests',
  rate_seconds INT NULL COMMENT 'in so many seconds, null: as many as it likes',
  next_code BIGINT NOT NULL DEFAULT 1 COMMENT 'number that the code of its next order may have',
  created_at BIGINT NOT NULL COMMENT 'unix ms',
  created_by VARCHAR(190) NOT NULL COMMENT 'login, empty: it registered itself',
  blocked_at BIGINT NULL COMMENT 'unix ms, since then it is not let in',
  blocked_by VARCHAR(190) NULL COMMENT 'login',
  PRIMARY KEY (source),
  UNIQUE KEY api_users_by_email (email),
  UNIQUE KEY api_users_by_invitation (invitation)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What it shows with its requests: `id|secret`.
CREATE TABLE IF NOT EXISTS api_tokens (
  id BIGINT NOT NULL AUTO_INCREMENT,
  source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'api_users.source',
  digest CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the secret in base64url',
  created_at BIGINT NOT NULL COMMENT 'unix ms',
  created_by VARCHAR(190) NOT NULL COMMENT 'login of the person who made it, empty: the shop signed in',
  used_at BIGINT NULL COMMENT 'unix ms, to the minute',
  PRIMARY KEY (id),
  KEY api_tokens_by_source (source)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

ALTER TABLE messages
  ADD COLUMN format VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'what the body is where the address said so: create-order, buy-click or callback, null: the body tells';
