#!/bin/bash
# `codex exec --json` of Codex 0.171.0 (@openai/codex) ends with the main turn, whatever is still at work. Seen:
#   - a command that takes longer than its `yield_time_ms` (10 s where the model names none) goes on in the background, and
#     the model is told "Process running with session ID …". If it then ends its turn, the command is killed: `item.started`
#     without `item.completed`, then `turn.completed`, exit 0. What it should have written never comes;
#   - a sub-agent (`spawn_agent`) that is not waited for is ended in the same way, its command with it;
#   - the tokens of sub-agents, also of one that was waited for, are not in `usage` of `turn.completed`.
# One would guess that exec waits, as Claude Code's -p does, or leaves the command running, and that `usage` is the whole.
# So a `command_execution` that was started and never completed means that the work is not done, and a limit of cost has to
# be kept where the model is called. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent @openai/codex@0.171.0
mkdir -p "$work/home/.codex" "$work/project"

cat >"$work/check.mjs" <<'JS'
// A scripted model on loopback (Responses API), and what the CLI makes of it.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
const [codex, home, project] = process.argv.slice(2);
const command = (cmd, more = {}) => ['exec_command', { cmd, ...more }];
const agent = (words) => ['spawn_agent', { message: words, agent_type: 'worker' }];
const scripts = { // a word of the prompt: the calls that the model makes, one a request
  MAIN_COMMAND: [command('sleep 6; touch command.txt', { yield_time_ms: 500 })],
  MAIN_LEAVES: [agent('SUB_SLOW'), command('for i in $(seq 80); do [ -e begun.txt ] && break; sleep 0.1; done')],
  MAIN_WAITS: [agent('SUB_QUICK'), ['wait_agent', { targets: [], timeout_ms: 30000 }]],
  SUB_SLOW: [command('touch begun.txt; sleep 6; touch agent.txt')],
  SUB_QUICK: [command('echo hi')],
};
let requests = 0;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    const { input = [], tools = [] } = JSON.parse(body);
    const done = input.filter((item) => item.type === 'function_call_output').length;
    const word = body.match(/MAIN_[A-Z]+/)?.[0] ?? body.match(/SUB_[A-Z]+/)?.[0];
    const [name, values] = scripts[word]?.[done] ?? [];
    if (values?.targets) values.targets = [body.match(/agent_id[^0-9a-f]*([0-9a-f-]{36})/)?.[1]];
    const namespace = tools.find((tool) => tool.tools?.some((inner) => inner.name === name))?.name;
    const id = `${++requests}`;
    const item = name
      ? { type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, name, ...(namespace && { namespace }), arguments: JSON.stringify(values) }
      : { type: 'message', id: `msg_${id}`, role: 'assistant', content: [{ type: 'output_text', text: 'Done.' }] };
    const events = [{ type: 'response.created', response: { id } }, { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id, usage: { input_tokens: 1000, output_tokens: 10, total_tokens: 1010 } } }];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
writeFileSync(`${home}/.codex/config.toml`, `model = "m"\nmodel_provider = "local"\n[model_providers.local]\nname = "local"
base_url = "http://127.0.0.1:${server.address().port}/v1"\nenv_key = "KEY"\nwire_api = "responses"\n`);
async function run(prompt) { // the events, the exit status and what the model was asked
  requests = 0;
  const child = spawn(codex, ['exec', '--json', '--skip-git-repo-check', '-s', 'danger-full-access', '-'],
    { cwd: project, env: { PATH: process.env.PATH, HOME: home, KEY: 'none' }, stdio: ['pipe', 'pipe', 'ignore'] });
  let out = '';
  child.stdout.on('data', (part) => (out += part));
  child.stdin.end(prompt);
  const status = await new Promise((closed) => child.on('close', closed));
  const events = out.trim().split('\n').map((line) => JSON.parse(line));
  const items = (type) => events.filter((e) => e.type === type && e.item.type === 'command_execution').length;
  return { status, commands: `${items('item.started')} started, ${items('item.completed')} completed`,
    last: events.at(-1).type, tokens: events.at(-1).usage?.input_tokens, asked: requests };
}
let failed = 0;
function check(what, seen, expected) {
  const same = JSON.stringify(seen) === JSON.stringify(expected);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}${same ? '' : ` (expected: ${JSON.stringify(expected)})`}`);
  failed ||= same ? 0 : 1;
}
check('a command in the background', await run('MAIN_COMMAND'), { status: 0, commands: '1 started, 0 completed', last: 'turn.completed', tokens: 2000, asked: 2 });
const { status, last } = await run('MAIN_LEAVES');
check('a sub-agent at work', { status, last }, { status: 0, last: 'turn.completed' });
await sleep(9000);
check('what they wrote', ['command.txt', 'begun.txt', 'agent.txt'].filter((name) => existsSync(`${project}/${name}`)), ['begun.txt']);
const waited = await run('MAIN_WAITS');
check('a sub-agent that was waited for: requests of 1000 tokens', waited.asked, 5);
check('and the tokens that are told', waited.tokens, 3000);
server.close();
process.exit(failed);
JS
echo "Codex: $(HOME=$work/home "$work/cli/node_modules/.bin/codex" --version 2>/dev/null)"
node "$work/check.mjs" "$work/cli/node_modules/.bin/codex" "$work/home" "$work/project"
