#!/bin/bash
# `pi -p --mode json` of the coding agent pi 0.73.1 (@mariozechner/pi-coding-agent). Seen:
#   - the exit status is 0 whatever happens: a refused key (401), a model that stays away (500, asked twelve times), a stream
#     that ends in an error. The same with `--mode text` ends with 1. The error stands in `message.errorMessage` of events that
#     else look the same (`message_end`, `turn_end`), with `stopReason` "error";
#   - `agent_end` is not the end: it comes after each attempt that failed, then `auto_retry_start`, then the next
#     `agent_start`; with 500 that stays it comes four times. `auto_retry_end` says how it went, but only where it was tried again;
#   - an answer that was cut (`length`) is `stopReason` "length" and, in both modes, 0.
# One would guess that the status does not depend on the form of the output, and that the last event is the one with "end" in
# its name. Take the last `message_end` of the assistant, whose `stopReason` must be "stop", after the process has ended.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent @mariozechner/pi-coding-agent@0.73.1
mkdir -p "$work/home/.pi/agent" "$work/project"

cat >"$work/check.mjs" <<'JS'
// A scripted model on loopback (Chat Completions), and what the CLI makes of it.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const [pi, work] = process.argv.slice(2);
let requests = 0;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    ++requests;
    const word = body.match(/KW_[A-Z]+/)?.[0];
    const refused = word === 'KW_KEY' ? 401 : word === 'KW_AWAY' || (word === 'KW_BUSY' && requests <= 3) ? 500 : 0;
    if (refused) {
      response.writeHead(refused, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"not now","type":"any"}}');
      return;
    }
    const chunk = (delta, reason) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(chunk({ role: 'assistant', content: 'Words.' }, null) + chunk({}, word === 'KW_CUT' ? 'length' : 'stop') + 'data: [DONE]\n\n');
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
writeFileSync(`${work}/home/.pi/agent/models.json`, JSON.stringify({ providers: { local: { api: 'openai-completions', apiKey: 'none',
  baseUrl: `http://127.0.0.1:${server.address().port}/v1`, models: [{ id: 'm' }] } } }));
async function run(mode, prompt) { // exit status and output
  requests = 0;
  const child = spawn(pi, ['-p', '--mode', mode, '--provider', 'local', '--model', 'm'], { cwd: `${work}/project`, stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, HOME: `${work}/home`, PI_OFFLINE: '1' } });
  let out = '';
  child.stdout.on('data', (part) => (out += part));
  child.stdin.end(prompt);
  const status = await new Promise((closed) => child.on('close', closed));
  return { status, out };
}
async function events(prompt) { // exit status, the last answer's reason to stop, and the outer events in their order
  const { status, out } = await run('json', prompt);
  const all = out.trim().split('\n').map((line) => JSON.parse(line));
  const { stopReason, errorMessage } = all.findLast((event) => event.type === 'message_end' && event.message.role === 'assistant').message;
  return { status, stopReason, errorMessage, order: all.map((event) => event.type).filter((type) => /^(agent|auto_retry)_/.test(type)) };
}
let failed = 0;
function check(what, seen, expected) {
  const same = JSON.stringify(seen) === JSON.stringify(expected);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}${same ? '' : ` (expected: ${JSON.stringify(expected)})`}`);
  failed ||= same ? 0 : 1;
}
check('401', await events('KW_KEY'), { status: 0, stopReason: 'error', errorMessage: '401 not now', order: ['agent_start', 'agent_end'] });
check('401 in text', (await run('text', 'KW_KEY')).status, 1);
const again = ['agent_start', 'agent_end', 'auto_retry_start'];
check('500 at first', await events('KW_BUSY'), { status: 0, stopReason: 'stop', order: [...again, 'agent_start', 'auto_retry_end', 'agent_end'] });
const { status, stopReason, order } = await events('KW_AWAY');
check('500 each time', [status, stopReason, order.filter((type) => type === 'agent_end').length, order.at(-1), requests], [0, 'error', 4, 'auto_retry_end', 12]);
check('length', await events('KW_CUT'), { status: 0, stopReason: 'length', order: ['agent_start', 'agent_end'] });
check('length in text', await run('text', 'KW_CUT'), { status: 0, out: 'Words.\n' });
server.close();
process.exit(failed);
JS
echo "pi: $(HOME=$work/home PI_OFFLINE=1 "$work/cli/node_modules/.bin/pi" --version 2>&1)"
node "$work/check.mjs" "$work/cli/node_modules/.bin/pi" "$work"
