-- Passwords that people set by the link of an invitation.
CREATE TABLE IF NOT EXISTS passwords (
  login VARCHAR(190) NOT NULL COMMENT 'as in users.ts',
  password VARCHAR(255) NOT NULL COMMENT 'argon2id',
  invitation CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of the invitation by which it was set; counts only while users.ts has the same',
  PRIMARY KEY (login)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
