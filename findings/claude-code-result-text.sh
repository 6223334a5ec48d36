#!/bin/bash
# What `result` of Claude Code 2.1.330 does not hold (-p, --output-format stream-json or json). Seen:
#   - an answer in two blocks of text: two `assistant` events with one message id; `result` holds the last block alone;
#   - a model that ends its turn without any text: asked once more by the CLI, then `"result":""`, `subtype` success,
#     `is_error` false, exit 0, although the task was never answered;
#   - half a surrogate pair in the model's words comes through as the escape \ud83d, in `assistant` and in `result`: legal
#     JSON, which many strict parsers refuse as a whole, so that the one line that ends the run is lost on them.
# So whoever shows `result` as the answer should take the text of the last message's events where it says more, and read
# the line with a parser that takes half a pair. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
model=""
trap '[ -z "$model" ] || kill "$model" 2>/dev/null; rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent @anthropic-ai/claude-code@2.1.330
claude=$work/cli/node_modules/.bin/claude

cat >"$work/model.mjs" <<'JS'
// A model on loopback (Messages API) that answers by a word in the request.
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
const blocksFor = (body) =>
  body.includes('KW_TWO') ? ['First part.', 'Second part.'] : body.includes('KW_HALF') ? ['half \ud83d here'] : [];
createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    const events = [['message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 1 } } }]];
    blocksFor(body).forEach((text, index) => {
      events.push(['content_block_start', { index, content_block: { type: 'text', text: '' } }]);
      events.push(['content_block_delta', { index, delta: { type: 'text_delta', text } }]);
      events.push(['content_block_stop', { index }]);
    });
    events.push(['message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }], ['message_stop', {}]);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`).join(''));
  });
}).listen(0, '127.0.0.1', function () {
  writeFileSync(process.argv[2], String(this.address().port));
});
JS
node "$work/model.mjs" "$work/port" &
model=$!
for _ in $(seq 100); do
  [ -s "$work/port" ] && break
  sleep 0.1
done

mkdir "$work/project"
run() { # PROMPT: the events, in $work/out; the exit status, in $work/status
  local status=0
  (
    cd "$work/project"
    env -i PATH="$PATH" HOME="$work/home" ANTHROPIC_API_KEY=none \
      ANTHROPIC_BASE_URL="http://127.0.0.1:$(cat "$work/port")" DISABLE_AUTOUPDATER=1 \
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 timeout 120 "$claude" -p --output-format stream-json --verbose \
      "$1" </dev/null >"$work/out"
  ) || status=$?
  echo "$status" >"$work/status"
}
member() { # NAME: that member of the result line, as it stands there
  grep '"type":"result"' "$work/out" | grep -o "\"$1\":\(\"[^\"]*\"\|[a-z0-9]*\)" | head -n 1
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
run KW_TWO
check "events of the message" "$(grep -c '"type":"assistant"' "$work/out")" 2
check "result of two blocks" "$(member result)" '"result":"Second part."'
run KW_NOTHING
check "result of nothing" "$(member result)" '"result":""'
check "its subtype" "$(member subtype)" '"subtype":"success"'
check "its is_error" "$(member is_error)" '"is_error":false'
check "its exit status" "$(cat "$work/status")" 0
run KW_HALF
check "result with half a pair" "$(member result)" '"result":"half \ud83d here"'
exit "$failed"
