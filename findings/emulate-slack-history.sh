#!/bin/bash
# Slack as emulate 0.11.2 (npm, vercel-labs/emulate) plays it, where one tests a bot's catching up after a downtime. Seen:
#   - `conversations.history` and `conversations.replies` take `oldest`, `latest` and `inclusive`, and ignore them: the answer
#     is the whole channel each time, with `ok` true. `limit` and the cursor work;
#   - the same methods by GET, which Slack takes for reading, are 404 without `ok`;
#   - a message that has replies carries `reply_count`, but no `thread_ts` of its own, by which Slack's clients know the head
#     of a thread;
#   - a message that was deleted while it has replies is gone; Slack leaves a "tombstone" in its place.
# One would guess that a parameter which is taken is obeyed. A test of "read since the last one" passes here by reading all
# and dropping what is known, and a client that sends a wrong `oldest` passes, too. Let the test look at what was sent.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
emulator=""
trap '[ -z "$emulator" ] || kill "$emulator" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/home"
export HOME=$work/home

npm install --prefix "$work" --no-audit --no-fund --silent emulate@0.11.2
port=$(node -e "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")
"$work/node_modules/.bin/emulate" start -s slack -p "$port" >"$work/log" 2>&1 &
emulator=$!

cat >"$work/check.mjs" <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
const base = `http://127.0.0.1:${process.argv[2]}/api/`;
const channel = 'C000000001';
const authorization = 'Bearer xoxb-test';
const call = async (method, values) => (await fetch(base + method, { method: 'POST', body: JSON.stringify({ channel, ...values }),
  headers: { authorization, 'content-type': 'application/json' } })).json();
for (let tries = 0; tries < 100 && !(await call('auth.test', {}).catch(() => undefined)); ++tries) {
  await sleep(100);
}
const post = async (text, more) => (await call('chat.postMessage', { text, ...more })).ts;
const texts = ({ messages }) => messages.map((message) => message.text).join(' ');
let failed = 0;
function check(what, seen, expected) {
  const same = seen === expected;
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${seen}${same ? '' : ` (expected: ${expected})`}`);
  failed ||= same ? 0 : 1;
}
const first = await post('first');
const second = await post('second');
const reply = await post('reply', { thread_ts: first });
await post('third');
check('history', texts(await call('conversations.history', {})), 'third second first');
check('history, limit 1', texts(await call('conversations.history', { limit: 1 })), 'third');
check('history, oldest is the second', texts(await call('conversations.history', { oldest: second })), 'third second first');
check('history, latest is the second', texts(await call('conversations.history', { latest: second })), 'third second first');
check('history, oldest tomorrow', texts(await call('conversations.history', { oldest: String(Date.now() / 1000 + 86400) })), 'third second first');
check('replies, oldest is the reply', texts(await call('conversations.replies', { ts: first, oldest: reply })), 'first reply');
const got = await fetch(`${base}conversations.history?channel=${channel}`, { headers: { authorization } });
check('history by GET', `${got.status}, ok: ${(await got.json()).ok}`, '404, ok: undefined');
const head = (await call('conversations.history', {})).messages.find((message) => message.text === 'first');
check('head of a thread', `reply_count ${head.reply_count}, thread_ts ${head.thread_ts}`, 'reply_count 1, thread_ts undefined');
await call('chat.delete', { ts: first });
check('history without the head', texts(await call('conversations.history', {})), 'third second');
process.exit(failed);
JS
echo "emulate: $(node -p 'require(process.argv[1]).version' "$work/node_modules/emulate/package.json")"
node "$work/check.mjs" "$port"
