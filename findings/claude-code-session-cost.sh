#!/bin/bash
# `total_cost_usd` of Claude Code 2.1.330 is neither what a process spent nor what its session did. Seen:
#   - `--resume`: the first result of the new process holds the cost of the earlier ones, too, also in `modelUsage`;
#   - a process that was killed (SIGKILL), even after its result, leaves nothing of its cost in the session: the total of
#     the next one goes on from before it. So the difference of two results can be nothing, or less;
#   - `model_usage_since_last_result` says what this process spent since its last result; the control request `get_usage`
#     gives the running totals at any time;
#   - a model that the CLI does not know is priced at $4 and $20 a million tokens, marked by `costBasis` "unknown" alone,
#     and `--max-budget-usd` counts with that;
#   - `--max-budget-usd` counts the process, not the session.
# Each call here is of 50,000 tokens in and 40,000 out: $1.00 at that price. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent @anthropic-ai/claude-code@2.1.330
claude=$work/cli/node_modules/.bin/claude
mkdir "$work/home" "$work/project"

cat >"$work/check.mjs" <<'JS'
// A scripted model on loopback (Messages API), and the CLI with its input open.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
const [claude, home, project] = process.argv.slice(2);
const say = (text, usage = {}) => ({ block: { type: 'text', text: '' }, delta: { type: 'text_delta', text }, usage });
const use = (name, input, usage = {}) => ({ block: { type: 'tool_use', id: `toolu_${Math.random()}`, name, input: {} },
  delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) }, usage });
let calls = 0;
function serve(script) { // what it answers, by a word in the last words of the user and the count of answers since
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      let words = '', answers = 0;
      for (const message of JSON.parse(body).messages ?? []) {
        const text = JSON.stringify(message.content);
        if (message.role === 'assistant') answers += 1;
        else if (message.role === 'user' && !text.includes('"tool_result"')) [words, answers] = [text, 0];
      }
      const turns = Object.entries(script).find(([word]) => words.includes(word))?.[1] ?? [];
      const turn = turns[answers] ?? say('Nothing more.');
      const usage = { input_tokens: 1000, output_tokens: 100, ...turn.usage };
      const events = [
        ['message_start', { message: { id: `msg_${++calls}`, type: 'message', role: 'assistant', model: 'm', content: [], usage: { ...usage, output_tokens: 1 } } }],
        ['content_block_start', { index: 0, content_block: turn.block }],
        ['content_block_delta', { index: 0, delta: turn.delta }],
        ['content_block_stop', { index: 0 }],
        ['message_delta', { delta: { stop_reason: turn.block.type === 'text' ? 'end_turn' : 'tool_use' }, usage: { output_tokens: usage.output_tokens } }],
        ['message_stop', {}]];
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`).join(''));
    });
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}
function run(server, prompt, flags, on) { // the events, and what on(event, child) makes of each; ends with the child
  const child = spawn(claude, ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose',
    '--include-partial-messages', '--allowedTools', 'Bash', ...flags], { cwd: project, stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOME: home, ANTHROPIC_API_KEY: 'none', DISABLE_AUTOUPDATER: '1',
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${server.address().port}`, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' } });
  const limit = setTimeout(() => child.kill('SIGKILL'), 120000);
  const events = [];
  let rest = '';
  child.stdout.on('data', (part) => {
    const lines = (rest + part).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      events.push(JSON.parse(line));
      on(events.at(-1), child);
    }
  });
  child.stdin.write(JSON.stringify({ type: 'user', message: { role: 'user', content: prompt } }) + '\n');
  return new Promise((done) => child.on('close', () => { clearTimeout(limit); done(events); }));
}
let failed = 0;
function check(what, seen, expected) {
  const same = JSON.stringify(seen) === JSON.stringify(expected);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}${same ? '' : ` (expected: ${JSON.stringify(expected)})`}`);
  failed ||= same ? 0 : 1;
}
const dear = { input_tokens: 50000, output_tokens: 40000 };
const server = await serve({ GO: [say('Gone.', dear)] });
const session = crypto.randomUUID();
async function spend(flags, kill = false) {
  const events = await run(server, 'GO', ['--model', 'a-model-of-mine', ...flags], (event, child) => {
    if (event.type === 'result' && kill) child.kill('SIGKILL');
    else if (event.type === 'result') child.stdin.write(JSON.stringify({ type: 'control_request', request_id: 'u', request: { subtype: 'get_usage' } }) + '\n');
    else if (event.type === 'control_response') child.stdin.end();
  });
  const running = events.find((event) => event.type === 'control_response')?.response.response.session.total_cost_usd;
  if (!kill) check('  get_usage says the same total', running, events.find((event) => event.type === 'result').total_cost_usd);
  const result = events.find((event) => event.type === 'result');
  const since = Object.values(result.model_usage_since_last_result ?? {})[0];
  return [result.total_cost_usd, Object.values(result.modelUsage)[0].costUSD, since?.costUSD, since?.costBasis, result.subtype];
}
check('a new session', await spend(['--session-id', session]), [1, 1, 1, 'unknown', 'success']);
check('resumed', await spend(['--resume', session]), [2, 2, 1, 'unknown', 'success']);
check('resumed and killed after its result', await spend(['--resume', session], true), [3, 3, 1, 'unknown', 'success']);
check('resumed after that', await spend(['--resume', session]), [3, 3, 1, 'unknown', 'success']);
check('resumed with a budget of $1.50', await spend(['--resume', session, '--max-budget-usd', '1.5']), [4, 4, 1, 'unknown', 'success']);
check('resumed with a budget of $0.50', (await spend(['--resume', session, '--max-budget-usd', '0.5'])).at(-1), 'error_max_budget_usd');
server.close();
process.exit(failed);
JS
echo "Claude Code: $("$claude" --version)"
node "$work/check.mjs" "$claude" "$work/home" "$work/project"
