#!/usr/bin/env bash
# try_package.sh PACKAGE.deb: installs the Debian package in a Debian 12 of its own, boots that under its own systemd and tries the
# service: start, a message, reload, a watchdog that is not fed, update and rollback, stop, removal, purge. By command only: it needs root, a network, and the
# packages debootstrap and systemd-container, and takes some minutes. Prints "ok" or "FAIL" for each line, and ends with 1 after a FAIL.
set -euo pipefail

deb=$(readlink -f -- "${1:?usage: try_package.sh PACKAGE.deb}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,bubblewrap,python3 bookworm "$root" >"$work/debootstrap.log" 2>&1 ||
  { tail -n 5 "$work/debootstrap.log" && exit 1; }
cp "$deb" "$root/root/frontdesk.deb"
chroot "$root" bash -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /root/frontdesk.deb' \
  >"$work/apt.log" 2>&1 || { tail -n 5 "$work/apt.log" && exit 1; }

cat >"$root/root/say.py" <<'PYTHON'
import base64, hashlib, hmac, json, socket, sys, time
key = base64.b64decode("dGhpcyBpcyBhIHNlY3JldCBmb3IgdGhlIHRlc3Rz")
body = json.dumps({"type": "message", "message_id": "m-1", "chat_id": "c-1", "user_id": "u-1", "text": sys.argv[1]}).encode()
at = str(int(time.time()))
signature = base64.b64encode(hmac.new(key, f"m-1.{at}.".encode() + body, hashlib.sha256).digest()).decode()
head = (f"POST /webhooks/ops HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nwebhook-id: m-1\r\n"
        f"webhook-timestamp: {at}\r\nwebhook-signature: v1,{signature}\r\nContent-Length: {len(body)}\r\n\r\n")
connection = socket.create_connection(("127.0.0.1", 8787))
connection.sendall(head.encode() + body)
print(connection.recv(300).decode().split("\r\n")[0])
PYTHON

# In place of Claude Code, so that it need not be fetched.
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
mkdir "$root/opt/claude"
cp "$here/../fakes/claude.sh" "$here/../fakes/behaviours.sh" "$root/opt/claude/"

cat >"$root/root/try.sh" <<'TRY'
exec >/root/result 2>&1
check() { # NAME COMMAND...
  local name=$1
  shift
  if "$@" >/root/said 2>&1; then echo "ok   $name"; else echo "FAIL $name: $(tail -n 3 /root/said | tr '\n' ' ')"; fi
}
as_user() { setpriv --reuid frontdesk --regid frontdesk --clear-groups --reset-env "$@" --config /etc/frontdesk/frontdesk.toml; }
restarts() { systemctl show -p NRestarts --value frontdesk; }
told() { journalctl -u frontdesk --no-pager -o cat | grep -F -- "$1"; }
until_it() { local i; for i in $(seq 60); do "$@" && return 0; sleep 1; done; return 1; }
answered() { as_user frontdesk log list | grep success; }

printf whsec_dGhpcyBpcyBhIHNlY3JldCBmb3IgdGhlIHRlc3Rz | install -m 600 /dev/stdin /etc/frontdesk/credentials/ops
cat >>/etc/frontdesk/frontdesk.toml <<'TOML'
[chat.ops]
platform = "webhook"
secret = "file:/run/credentials/frontdesk.service/secret_ops"
callback_url = "http://127.0.0.1:9/"
[specialist.claude-code]
command = "/opt/claude/claude.sh"
TOML
check "it is not started by the installation" bash -c '! systemctl is-active frontdesk'
check "it starts, and says so itself" systemctl enable --now frontdesk
check "it has its status from the program" bash -c 'systemctl status frontdesk | grep "taking requests on port 8787"'
check "the sandbox works in the unit" told "bubblewrap works"
check "the secret is for it alone" bash -c 'ls -l /run/credentials/frontdesk.service/secret_ops | grep "^-r--------.* frontdesk "'
check "doctor in a shell finds no failure" as_user frontdesk doctor --demo
check "a message is stored" bash -c 'python3 /root/say.py "build me a small REST API for tasks in Python" | grep 200'
check "a specialist works in the sandbox, and succeeds" until_it answered
check "what it made is for its user alone" bash -c '[ "$(stat -c %a /var/lib/frontdesk /var/lib/frontdesk/frontdesk.db /var/lib/frontdesk/projects/* | tr "\n" " ")" = "700 600 700 " ]'
sed -i 's/^ask_at = 0.35/ask_at = 0.3/; s/127.0.0.1:8787/127.0.0.1:8788/' /etc/frontdesk/frontdesk.toml
check "it reloads" systemctl reload frontdesk
check "it names what waits for a restart" told "only after a restart: server.listen"
mkdir -p /etc/systemd/system/frontdesk.service.d
printf '[Service]\nWatchdogSec=3\n' >/etc/systemd/system/frontdesk.service.d/short.conf
systemctl daemon-reload
systemctl restart frontdesk
kill -STOP "$(systemctl show -p MainPID --value frontdesk)"
check "the watchdog restarts one that stands still" until_it bash -c '[ "$(systemctl show -p NRestarts --value frontdesk)" -ge 1 ]'
check "it is up again" until_it systemctl is-active frontdesk
# An update and its way back, by the commands of docs/operating.md. The package is its own update, as two builds of one version are; a database
# of a newer schema is made by hand: the byte is the lowest of SQLite's user_version.
update() { DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends --reinstall --allow-downgrades /root/frontdesk.deb; }
before=$(systemctl show -p MainPID --value frontdesk)
check "it can be backed up before an update" as_user frontdesk backup /var/lib/frontdesk/before-update.db
check "it can be updated" update
check "the update restarts it" bash -c "systemctl is-active frontdesk && [ \"\$(systemctl show -p MainPID --value frontdesk)\" != $before ]"
systemctl stop frontdesk
printf '\143' | dd of=/var/lib/frontdesk/frontdesk.db bs=1 seek=63 conv=notrunc status=none
check "an older program says that the database is too new" bash -c '! systemctl start frontdesk && journalctl -u frontdesk --no-pager -o cat | grep "newer Frontdesk"'
systemctl stop frontdesk
check "the copy can be put back" as_user frontdesk restore /var/lib/frontdesk/before-update.db
check "with it the older program goes on" systemctl start frontdesk
check "it stops" systemctl stop frontdesk
check "it ended by itself" told "info stopped"
check "it can be removed" apt-get remove -y frontdesk
check "the data stay" test -e /var/lib/frontdesk/frontdesk.db -a -e /etc/frontdesk/frontdesk.toml -a ! -e /usr/bin/frontdesk
check "it can be purged" apt-get purge -y frontdesk
check "the secrets are gone" test ! -e /etc/frontdesk
echo end
poweroff
TRY
cat >"$root/etc/systemd/system/try.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash /root/try.sh
[Install]
WantedBy=graphical.target
UNIT
systemctl --root="$root" enable try.service >/dev/null 2>&1

# With it, /proc is as on a machine of one's own; bubblewrap needs that.
SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes timeout 300 systemd-nspawn -q -D "$root" --boot --register=no --keep-unit >"$work/boot.log" 2>&1 || true
cat "$root/root/result"
[[ $(tail -n 1 "$root/root/result") == end ]] && ! grep -q '^FAIL' "$root/root/result"
