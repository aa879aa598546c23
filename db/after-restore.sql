-- What a database has to be told once it is back from a backup. deploy/mysql/backup.sh puts this behind its dumps, so that
-- they say it as they are loaded; `npx parom restore` says it, too. Both dialects understand it, and twice does no harm.

-- Orders that are not delivered here may have been after the backup: what is theirs in amoCRM is looked for before it is made.
INSERT INTO attempts (message_id, number, started_at, finished_at, outcome, host)
  SELECT id, 1, UNIX_TIMESTAMP() * 1000, UNIX_TIMESTAMP() * 1000, 'retry', 'backup' FROM messages
  WHERE attempts = 0 AND state IN ('pending', 'held', 'dead');
UPDATE messages SET attempts = 1, attempts_before = 1 WHERE attempts = 0 AND state IN ('pending', 'held', 'dead');
INSERT INTO steps (message_id, attempt, ordinal, name, state, started_at)
  SELECT id, attempts, 9001, 'products', 'unknown', UNIX_TIMESTAMP() * 1000 FROM messages
  WHERE state IN ('pending', 'held', 'dead') AND NOT EXISTS (SELECT 1 FROM steps WHERE message_id = messages.id AND attempt = messages.attempts AND ordinal = 9001);
INSERT INTO steps (message_id, attempt, ordinal, name, state, started_at)
  SELECT id, attempts, 9002, 'note', 'unknown', UNIX_TIMESTAMP() * 1000 FROM messages
  WHERE state IN ('pending', 'held', 'dead') AND NOT EXISTS (SELECT 1 FROM steps WHERE message_id = messages.id AND attempt = messages.attempts AND ordinal = 9002);
UPDATE messages SET lead_marked = 1, lead_request_at = received_at
  WHERE state <> 'delivered' AND lead_id IS NULL AND lead_request_at IS NULL;
UPDATE messages SET cards_request_at = received_at
  WHERE state <> 'delivered' AND lead_id IS NULL AND cards_request_at IS NULL;

-- Whoever was at work is not any more.
UPDATE messages SET lease_until = NULL, next_attempt_at = 0 WHERE lease_until IS NOT NULL;
UPDATE connections SET lease_owner = NULL, lease_until = NULL, delivery_owner = NULL, delivery_until = NULL, people_until = NULL;
UPDATE runs SET lease_owner = NULL, lease_until = NULL;
UPDATE mirror_lists SET filling_until = NULL;
DELETE FROM instances;
DELETE FROM duties;

-- A session that was ended after the backup does not begin again.
DELETE FROM sessions;

-- Numbers that orders were given after the backup are not given again.
UPDATE api_users SET next_code = next_code + 10000;
