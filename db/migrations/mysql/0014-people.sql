-- Who may sign in, beside those of users.ts.
CREATE TABLE IF NOT EXISTS people (
  login VARCHAR(190) NOT NULL,
  name VARCHAR(190) NOT NULL COMMENT 'how the pages greet the person',
  roles TEXT NOT NULL COMMENT 'JSON: ids of roles.ts',
  password VARCHAR(255) NULL COMMENT 'argon2id, null until it has been set by the link',
  invitation CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digest of the token of the link by which it can be set',
  invited_until BIGINT NULL COMMENT 'unix ms, then the link is over',
  created_at BIGINT NOT NULL COMMENT 'unix ms',
  created_by VARCHAR(190) NOT NULL COMMENT 'login, empty: nobody, it was the first of all',
  closed_at BIGINT NULL COMMENT 'unix ms, since then the person may not sign in',
  closed_by VARCHAR(190) NULL COMMENT 'login',
  PRIMARY KEY (login),
  UNIQUE KEY people_by_invitation (invitation)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Of what the link is made by which the first administrator comes in.
CREATE TABLE IF NOT EXISTS first_link (
  id INT NOT NULL COMMENT 'always 1',
  nonce CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'random, the token is its HMAC under the key of the installation',
  until BIGINT NOT NULL COMMENT 'unix ms',
  PRIMARY KEY (id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How often somebody has tried in vain.
CREATE TABLE IF NOT EXISTS tries (
  name CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of what is counted: a login, an address, both',
  count INT NOT NULL COMMENT 'since the first that counts',
  until BIGINT NOT NULL COMMENT 'unix ms, then it counts anew',
  next_at BIGINT NOT NULL COMMENT 'unix ms, before that, no other try is taken',
  PRIMARY KEY (name),
  KEY tries_by_end (until)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who is signed in from where.
ALTER TABLE sessions
  ADD COLUMN login VARCHAR(190) NULL COMMENT 'null: nobody has signed in',
  ADD COLUMN address VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'network address from which that was done',
  ADD COLUMN agent VARCHAR(255) NULL COMMENT 'User-Agent of the browser',
  ADD COLUMN created_at BIGINT NULL COMMENT 'unix ms',
  ADD COLUMN seen_at BIGINT NULL COMMENT 'unix ms of the last request',
  ADD KEY sessions_by_login (login, seen_at);
