#!/bin/bash
# What `qwen -o stream-json` of Qwen Code 0.24.4 (@qwen-code/qwen-code) takes for a success. Seen:
#   - a model that stops with `length` is asked ten times: again with twice the `max_tokens`, then to go on from where it
#     stopped. If it still does not end, the pieces are strung together (also where it only repeats itself): `subtype` success,
#     `is_error` false, exit 0. All ten requests are in `usage`;
#   - `content_filter` is not marked at all: half an answer, success, exit 0;
#   - a shell command with `is_background` is killed when the turn ends: the model was told "started", and what the command
#     should have written never comes. Success, exit 0;
#   - after a short answer comes a second request that nobody ordered: what of this conversation is to be remembered, with
#     tools to write it below ~/.qwen, from where later runs read it, partly in every project.
# The events look like those of Claude Code, where an answer that is cut is an error and the process waits for work in the
# background. One would guess the same here. A cut answer cannot be told from a whole one; let commands run in the
# foreground, and give each person a HOME. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent @qwen-code/qwen-code@0.24.4
mkdir "$work/home" "$work/project"

cat >"$work/check.mjs" <<'JS'
// A scripted model on loopback (Chat Completions), and what the CLI makes of it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
const [qwen, work] = process.argv.slice(2);
let asked = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    const { max_tokens: most, messages } = JSON.parse(body);
    asked.push({ most, last: JSON.stringify(messages.at(-1).content) });
    const word = body.match(/KW_([A-Z_]+)/)?.[1].toLowerCase();
    const command = word === 'command' && !messages.some((message) => message.role === 'tool');
    const delta = !command ? { content: 'Half. ' } : { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'run_shell_command',
      arguments: JSON.stringify({ command: 'sleep 5; touch late.txt', is_background: true, description: 'd' }) } }] };
    const chunk = (part, reason, more) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: part, finish_reason: reason }], ...more })}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const reason = command ? 'tool_calls' : ['length', 'content_filter'].includes(word) ? word : 'stop';
    response.end(chunk({ role: 'assistant', ...delta }, null)
      + chunk({}, reason, { usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } }) + 'data: [DONE]\n\n');
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
async function run(prompt) {
  asked = [];
  const child = spawn(qwen, ['--auth-type', 'openai', '--openai-base-url', `http://127.0.0.1:${server.address().port}/v1`, '--openai-api-key', 'none',
    '-m', 'm', '-y', '-o', 'stream-json'], { cwd: `${work}/project`, stdio: ['pipe', 'pipe', 'ignore'], env: { PATH: process.env.PATH, HOME: `${work}/home` } });
  let out = '';
  child.stdout.on('data', (part) => (out += part));
  child.stdin.end(prompt);
  const status = await new Promise((closed) => child.on('close', closed));
  const { subtype, is_error: error, result, usage } = JSON.parse(out.trim().split('\n').at(-1));
  return { status, subtype, error, result, input: usage.input_tokens };
}
let failed = 0;
function check(what, seen, expected) {
  const same = JSON.stringify(seen) === JSON.stringify(expected);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}${same ? '' : ` (expected: ${JSON.stringify(expected)})`}`);
  failed ||= same ? 0 : 1;
}
const success = { status: 0, subtype: 'success', error: false };
check('length', await run('KW_LENGTH'), { ...success, result: 'Half. '.repeat(4), input: 1000 });
check('most tokens asked for', [...new Set(asked.map(({ most }) => most))], [32000, 64000]);
const { input, ...filtered } = await run('KW_CONTENT_FILTER');
check('content_filter', filtered, { ...success, result: 'Half. ' });
await run('KW_STOP');
check('requests for one answer', asked.length, 2);
check('the second one speaks of memory', /memory/i.test(asked[1]?.last ?? ''), true);
const { status } = await run('KW_COMMAND');
await sleep(7000);
check('a command in the background: status, and whether it wrote', [status, existsSync(`${work}/project/late.txt`)], [0, false]);
server.close();
process.exit(failed);
JS
echo "Qwen Code: $(HOME=$work/home "$work/cli/node_modules/.bin/qwen" --version)"
node "$work/check.mjs" "$work/cli/node_modules/.bin/qwen" "$work"
