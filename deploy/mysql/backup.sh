#!/usr/bin/env bash
# Backs up a database of Parom on MySQL or MariaDB while servers work with it, as it stands at one moment.
#   backup.sh [--keep 14] <access.cnf> <database> <folder>
# access.cnf, which only its owner may read, holds host, user and password, so that none of them is seen among the
# processes or in the environment:
#   [client]
#   host = 127.0.0.1
#   user = parom_backup
#   password = "…"
# That user needs SELECT, SHOW VIEW and TRIGGER on the database, and can only read: restoring is for root. Create an
# empty database, then
#   gunzip -c <folder>/<database>-<time>.sql.gz | mariadb <database>
# Orders that were not delivered at the time of the backup are then looked for in amoCRM before they are sent: the
# backup ends with db/after-restore.sql. Keep config/, too, and APP_KEY, but not beside the backups.
set -euo pipefail
umask 077

usage() {
  sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

keep=0
if [ "${1:-}" = --keep ]; then
  keep="${2:-}"
  [[ "$keep" =~ ^[1-9][0-9]*$ ]] || usage
  shift 2
fi
[ "$#" -eq 3 ] || usage
access="$1"
database="$2"
folder="$3"
[[ "$database" =~ ^[A-Za-z0-9_-]+$ ]] || usage

# For who can read the file can read the database.
if [ -n "$(find -L "$access" -maxdepth 0 -perm /077)" ]; then
  echo "$access may be read by others: chmod 600 $access" >&2
  exit 1
fi

for program in mariadb-dump mysqldump; do
  if command -v "$program" >/dev/null; then break; fi
done
command -v "$program" >/dev/null || { echo "neither mariadb-dump nor mysqldump is installed" >&2; exit 1; }

flags=(--single-transaction --quick --hex-blob --default-character-set=utf8mb4 --no-tablespaces --skip-lock-tables)
# MySQL's own would else write what another server refuses.
if "$program" --help 2>/dev/null | grep -q -- --set-gtid-purged; then flags+=(--set-gtid-purged=OFF); fi

mkdir -p "$folder"
name="$database-$(date -u +%Y-%m-%dT%H-%M-%SZ).sql.gz"
partial="$folder/.$name.partial"
trap 'rm -f "$partial"' EXIT

here="$(cd "$(dirname "$0")" && pwd)"
{
  "$program" --defaults-extra-file="$access" "${flags[@]}" "$database"
  cat "$here/../../db/after-restore.sql"
} | gzip >"$partial"

# What was cut off lacks its last words.
gunzip -t "$partial"
gunzip -c "$partial" | grep '^-- Dump completed' >/dev/null || { echo "the dump is not complete" >&2; exit 1; }
sync "$partial"
mv "$partial" "$folder/$name"
echo "$folder/$name"

if [ "$keep" -gt 0 ]; then
  # Of this naming only; the names sort by time.
  mapfile -t old < <(
    find "$folder" -maxdepth 1 -type f -regextype posix-extended \
      -regex ".*/$database-[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z\.sql\.gz" | sort | head -n "-$keep"
  )
  if [ "${#old[@]}" -gt 0 ]; then rm -- "${old[@]}"; fi
fi
