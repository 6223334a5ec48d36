#!/usr/bin/env bash
# caldav-mcp 0.10.0, with Radicale 3.1.8: a tool that says "Only provided fields are changed" moves a repeated event when it
# is only renamed. A meeting each Tuesday at 09:00 in Berlin (DTSTART;TZID=Europe/Berlin):
#   - `list-events` for a week in November gives it with its very first start in October, in UTC: no date of that week, and
#     an hour off, since daylight saving ended between;
#   - `update-event` with a new summary alone answers with the uid, as if all was well, and writes
#     `DTSTART;TZID=Europe/Berlin:...T070000Z`: local time and UTC at once. Read again it is at 07:00 or at 09:00 UTC, as the
#     reader likes; STATUS and the exception of one date lose their meaning or are gone;
#   - an event of one whole day, made with end at the next midnight as iCalendar has it, becomes one of two days.
# One would guess that a change of the title leaves the times alone, and that a list for a week has dates of that week. Read
# the event back from the calendar after each change, and keep this tool away from what repeats.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/debian"
(
  cd "$work/debian"
  # With what it needs and this machine has not; unpacked, not installed.
  mapfile -t packages < <(apt-get -s -q --no-install-recommends install python3-radicale=3.1.8-2 | sed -n 's/^Inst \([^ ]*\).*/\1/p')
  apt-get -qq download "${packages[@]}" 2>/dev/null
  for package in *.deb; do dpkg-deb -x "$package" .; done
)
export PYTHONPATH=$work/debian/usr/lib/python3/dist-packages
mkdir "$work/home"
export HOME=$work/home TZ=UTC
npm install --prefix "$work" --no-audit --no-fund --silent caldav-mcp@0.10.0

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
/usr/bin/python3 -m radicale --server-hosts "127.0.0.1:$port" --auth-type none \
  --storage-filesystem-folder "$work/calendar" >"$work/radicale.log" 2>&1 &
server=$!

cat >"$work/check.mjs" <<'JS'
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
const [base, program] = process.argv.slice(2);
const dav = (method, path, body) => fetch(base + path, { method, body, headers: { authorization: `Basic ${btoa('ann:x')}` } });
for (let tries = 0; ; ++tries) {
  if (await dav('GET', '').then(() => true, () => false)) break;
  if (tries > 200) throw new Error('Radicale does not answer');
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await dav('MKCALENDAR', 'ann/work/', '');
const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//x//EN', 'BEGIN:VTIMEZONE', 'TZID:Europe/Berlin', 'BEGIN:STANDARD',
  'DTSTART:19701025T030000', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'END:STANDARD',
  'BEGIN:DAYLIGHT', 'DTSTART:19700329T020000', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200',
  'END:DAYLIGHT', 'END:VTIMEZONE', 'BEGIN:VEVENT', 'UID:weekly', 'DTSTAMP:20261001T000000Z', 'SUMMARY:Stand-up', 'STATUS:CONFIRMED',
  'DTSTART;TZID=Europe/Berlin:20261006T090000', 'DTEND;TZID=Europe/Berlin:20261006T091500', 'RRULE:FREQ=WEEKLY',
  'END:VEVENT', 'END:VCALENDAR', ''];
await dav('PUT', 'ann/work/weekly.ics', lines.join('\r\n'));

const client = new Client({ name: 'client', version: '1' });
await client.connect(new StdioClientTransport({ command: program, stderr: 'inherit',
  env: { ...process.env, CALDAV_BASE_URL: base, CALDAV_USERNAME: 'ann', CALDAV_PASSWORD: 'x' } }));
const calendarUrl = `${base}ann/work/`;
const call = (name, values) => client.callTool({ name, arguments: { calendarUrl, ...values } });
const week = { start: '2026-11-23T00:00:00Z', end: '2026-11-28T00:00:00Z' };
const stored = async () => (await (await dav('GET', 'ann/work/weekly.ics')).text());

let failed = 0;
function check(what, seen, expected) {
  const same = JSON.stringify(seen) === JSON.stringify(expected);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}${same ? '' : ` (expected: ${JSON.stringify(expected)})`}`);
  failed ||= same ? 0 : 1;
}
const [listed] = JSON.parse((await call('list-events', week)).content[0].text);
check('the start that a list for a week of November has', listed.start, '2026-10-06T07:00:00.000Z');
const renamed = await call('update-event', { uid: 'weekly', summary: 'Daily' });
check('what a new title alone is answered with', [renamed.isError ?? false, renamed.content[0].text], [false, 'weekly']);
check('the start as it is stored now', /^DTSTART.*/m.exec(await stored())[0].trim(), 'DTSTART;TZID=Europe/Berlin:20261006T070000Z');
check('its STATUS', /^STATUS.*/m.exec(await stored())?.[0] ?? 'gone', 'gone');
const { content: [{ text: uid }] } = await call('create-event', { summary: 'Holiday', wholeDay: true, start: '2026-12-01T00:00:00Z', end: '2026-12-02T00:00:00Z' });
const day = await (await dav('GET', `ann/work/${uid}.ics`)).text();
check('the end of a whole day', /^DTEND.*/m.exec(day)[0].trim(), 'DTEND;VALUE=DATE:20261203');
await client.close();
process.exit(failed);
JS
echo "caldav-mcp: $(node -p 'require(process.argv[1]).version' "$work/node_modules/caldav-mcp/package.json")"
echo "Radicale: $(/usr/bin/python3 -m radicale --version)"
node "$work/check.mjs" "http://127.0.0.1:$port/" "$work/node_modules/.bin/caldav-mcp"
