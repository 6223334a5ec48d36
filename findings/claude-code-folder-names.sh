#!/bin/bash
# Claude Code 2.1.330 keeps the sessions of a working folder in $CLAUDE_CONFIG_DIR/projects/<name>, where <name> is the
# folder's path with one "-" for each UTF-16 unit that is no ASCII letter or digit, cut at 200 with a hash behind. Seen:
#   - .../my.app and .../my-app have one folder of sessions, and `--resume` in the one takes a session of the other: its
#     words are sent to the model;
#   - .../caf<e acute> becomes "caf-" (one "-", not one a byte), an emoji becomes "--" (two units);
#   - a path of more than 200 characters ends with "-" and a hash in base 36.
# So whoever mounts, copies or counts such a folder must not work its name out as "/" and "." to "-", and a session's id
# is not bound to its working folder. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
model=""
trap '[ -z "$model" ] || kill "$model" 2>/dev/null; rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent @anthropic-ai/claude-code@2.1.330
claude=$work/cli/node_modules/.bin/claude

cat >"$work/model.mjs" <<'JS'
// A model on loopback (Messages API) that always says OK, and keeps what it was asked.
import { createServer } from 'node:http';
import { appendFileSync, writeFileSync } from 'node:fs';
const [, , portFile, requests] = process.argv;
const events = [
  ['message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 1 } } }],
  ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
  ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'OK' } }],
  ['content_block_stop', { index: 0 }],
  ['message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }],
  ['message_stop', {}],
];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    appendFileSync(requests, body + '\n');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`).join(''));
  });
});
server.listen(0, '127.0.0.1', () => writeFileSync(portFile, String(server.address().port)));
JS
: >"$work/requests"
node "$work/model.mjs" "$work/port" "$work/requests" &
model=$!
for _ in $(seq 100); do
  [ -s "$work/port" ] && break
  sleep 0.1
done

run() { # FOLDER ARGUMENT...: one task there
  mkdir -p "$1"
  (
    cd "$1"
    shift
    env -i PATH="$PATH" HOME="$work/home" CLAUDE_CONFIG_DIR="$work/state" ANTHROPIC_API_KEY=none \
      ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" DISABLE_AUTOUPDATER=1 \
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 timeout 120 "$claude" -p "$@" </dev/null
  )
}
folder_of() { # SESSION: the name of the folder that it is kept in
  basename "$(dirname "$(find "$work/state/projects" -name "$1.jsonl")")"
}
failed=0
check() { # WHAT SEEN EXPECTED
  if [ "$2" = "$3" ]; then
    echo "as described: $1: $2"
  else
    echo "DIFFERENT: $1: $2 (expected: $3)"
    failed=1
  fi
}

echo "Claude Code: $("$claude" --version)"
base=$(cd "$work" && pwd -P)/p
folded=$(printf '%s' "$base" | tr -c 'A-Za-z0-9' '-')
id() { printf '11111111-2222-4333-8444-00000000000%s' "$1"; }

run "$base/my.app" --session-id "$(id 1)" "the word is WOMBAT"
run "$base/my-app" --session-id "$(id 2)" "hello"
check "my.app" "$(folder_of "$(id 1)")" "$folded-my-app"
check "my-app" "$(folder_of "$(id 2)")" "$folded-my-app"
run "$base/my-app" --resume "$(id 1)" "what was the word"
check "words of my.app in a request from my-app" "$(tail -n 1 "$work/requests" | grep -c WOMBAT)" 1

run "$base/caf"$'\u00e9' --session-id "$(id 3)" "hello"
check "one letter beyond ASCII" "$(folder_of "$(id 3)")" "$folded-caf-"
run "$base/x"$'\U0001F600' --session-id "$(id 4)" "hello"
check "one emoji" "$(folder_of "$(id 4)")" "$folded-x--"

long=$base/$(printf 'a%.0s' $(seq 120))/$(printf 'b%.0s' $(seq 120))
run "$long" --session-id "$(id 5)" "hello"
name=$(folder_of "$(id 5)")
check "the head of a long path" "${name:0:200}" "$(printf '%s' "$long" | tr -c 'A-Za-z0-9' '-' | cut -c 1-200)"
check "its end" "$(printf '%s' "${name:200}" | sed -E 's/^-[0-9a-z]+$/a hash/')" "a hash"
exit "$failed"
