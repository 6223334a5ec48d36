#!/bin/bash
# What the output of `opencode run --format json` of opencode 1.18.33 (opencode-ai) does not tell. Seen:
#   - a tool that needs leave (here: reading a file outside of the folder) is refused at once, as nobody can be asked, and
#     the run ends there: the model is not told and not asked again. The exit status is 0, and the last text is whatever the
#     model said before the call ("I will look …"), which reads like an answer; the last `step_finish` has `reason`
#     "tool-calls", the only sign in it. With `permission` "deny" instead of "ask" the model is told, and goes on;
#   - each session begins with a request for a title, and the tool `task` has a session of its own: tokens and cost of neither
#     are in any `step_finish`, and what the sub-agent runs is in no `tool_use`. Five requests, two of them told here.
# One would guess that a refusal goes to the model as a failed call, or that the status is not 0, and that the sum of
# `step_finish` is what the run cost. Take an end with "tool-calls" for unfinished; leave nothing at "ask" in `permission`
# (`external_directory` is by itself); keep a limit of cost where the model is called.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent opencode-ai@1.18.33
mkdir "$work/home" "$work/project" "$work/outside"
echo "words" >"$work/outside/notes.txt"

cat >"$work/check.mjs" <<'JS'
// A scripted model on loopback (Chat Completions), and what the CLI makes of it.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const [opencode, work] = process.argv.slice(2);
const call = (words, name, values) => ({ content: words, tool_calls: [{ index: 0, id: `call_${Math.random()}`, type: 'function', function: { name, arguments: JSON.stringify(values) } }] });
const scripts = { // a word of the prompt: the answers to its requests
  MAIN_OUTSIDE: [call('I will look into the notes.', 'read', { filePath: `${work}/outside/notes.txt` })],
  MAIN_TASK: [call('', 'task', { description: 'd', prompt: 'SUB_ECHO', subagent_type: 'general' })],
  SUB_ECHO: [call('', 'bash', { command: 'echo hi', description: 'say hi' })],
};
let requests = 0;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    ++requests;
    const { messages, tools = [] } = JSON.parse(body);
    const word = body.match(/MAIN_[A-Z]+/)?.[0] ?? body.match(/SUB_[A-Z]+/)?.[0];
    const turn = tools.length > 0 ? scripts[word]?.[messages.filter((message) => message.role === 'tool').length] : undefined;
    const chunk = (delta, reason, more) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: reason }], ...more })}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(chunk({ role: 'assistant', ...(turn ?? { content: 'Done.' }) }, null)
      + chunk({}, turn ? 'tool_calls' : 'stop', { usage: { prompt_tokens: 1000, completion_tokens: 10, total_tokens: 1010 } }) + 'data: [DONE]\n\n');
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const configure = (permission) => writeFileSync(`${work}/project/opencode.json`, JSON.stringify({ permission, provider: { local: { npm: '@ai-sdk/openai-compatible',
  options: { baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey: 'none' }, models: { m: { name: 'm' } } } } }));
async function run(prompt) {
  requests = 0;
  const child = spawn(opencode, ['run', '--format', 'json', '-m', 'local/m'], { cwd: `${work}/project`, stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, HOME: `${work}/home`, OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' } });
  let out = '';
  child.stdout.on('data', (part) => (out += part));
  child.stdin.end(prompt);
  const status = await new Promise((closed) => child.on('close', closed));
  const events = out.trim().split('\n').map((line) => JSON.parse(line));
  const steps = events.filter((event) => event.type === 'step_finish').map((event) => event.part);
  return { status, text: events.findLast((event) => event.type === 'text')?.part.text, tools: events.filter((event) => event.type === 'tool_use').map((event) => `${event.part.tool}: ${event.part.state.status}`),
    last: steps.at(-1)?.reason, told: steps.reduce((sum, step) => sum + step.tokens.input, 0), used: requests * 1000 };
}
let failed = 0;
function check(what, seen, expected) {
  const same = JSON.stringify(seen) === JSON.stringify(expected);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}${same ? '' : ` (expected: ${JSON.stringify(expected)})`}`);
  failed ||= same ? 0 : 1;
}
configure({});
const { used, told, ...ended } = await run('MAIN_OUTSIDE');
check('a file outside', ended, { status: 0, text: 'I will look into the notes.', tools: ['read: error'], last: 'tool-calls' });
check('its tokens of input, told and used', [told, used], [1000, 2000]);
check('a sub-agent', await run('MAIN_TASK'), { status: 0, text: 'Done.', tools: ['task: completed'], last: 'stop', told: 2000, used: 5000 });
configure({ external_directory: 'deny' });
const { text, last } = await run('MAIN_OUTSIDE');
check('a file outside, denied by configuration', { text, last }, { text: 'Done.', last: 'stop' });
server.close();
process.exit(failed);
JS
echo "opencode: $(HOME=$work/home "$work/cli/node_modules/.bin/opencode" --version)"
node "$work/check.mjs" "$work/cli/node_modules/.bin/opencode" "$work"
