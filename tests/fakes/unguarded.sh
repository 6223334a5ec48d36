#!/bin/sh
# The program with one guard removed, to show that the storm of tests/crash finds it (docs/reliability.md). Before each
# start the database is made what it would be without the guard that the first word of unguarded.conf, beside this
# script or in its place by a link, names: "recovery" forgets what was running, "key" lets a call that was tried have a
# new key, "attempts" counts twenty cuts for each. FRONTDESK_BIN names a link to this script beside the real program.
set -eu
here=$(dirname "$0")
database=$HOME/frontdesk.db
if [ "${1-}" = serve ] && [ -f "$database" ]; then
  case $(cat "$here/unguarded.conf") in
  recovery) sql="DELETE FROM jobs WHERE state = 'running'" ;;
  key) sql="UPDATE outbox SET key = 'msg_' || lower(hex(randomblob(16))) WHERE state = 'attempted'" ;;
  attempts) sql="UPDATE jobs SET attempt = attempt + 20 WHERE state = 'running' AND kind = 'turn'" ;;
  esac
  python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()' "$database" "$sql"
fi
exec "$here/frontdesk" "$@"
