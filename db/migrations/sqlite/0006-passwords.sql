-- Passwords that people set by the link of an invitation.
CREATE TABLE passwords (
  login TEXT NOT NULL PRIMARY KEY,         -- as in users.ts
  password TEXT NOT NULL,                  -- argon2id
  invitation TEXT NOT NULL                 -- digest of the invitation by which it was set; counts only while users.ts has the same
) WITHOUT ROWID;
