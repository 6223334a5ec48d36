#!/bin/bash
# What a sub-agent of Claude Code 2.1.330 uses is not where one looks (-p, --output-format stream-json with
# --include-partial-messages). Seen:
#   - `stream_event`s come for the main thread alone; of a sub-agent's calls there are `assistant` events
#     (`parent_tool_use_id`), whose `usage` is that of the call's start: 1 token of output, whatever it wrote;
#   - `usage` of the result leaves sub-agents out; `modelUsage` and `total_cost_usd` hold them;
#   - `usage.total_tokens` of `task_notification` is that of the last call, not the sum;
#   - `--max-turns` and `num_turns` count the main thread's calls alone.
# So a limit of cost or turns that is kept by these events does not see a sub-agent. Its cost so far is in the answer to
# the control request `get_usage`. Exits with 1 if any of this is different.
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
const large = { input_tokens: 1000, output_tokens: 30000 };
const server = await serve({
  SUB: [use('Bash', { command: 'true' }, large), use('Bash', { command: 'true' }, large), say('Done.', large)],
  MAIN: [use('Agent', { description: 'd', prompt: 'SUB', subagent_type: 'general-purpose', run_in_background: false }), say('Main.')],
});
const events = await run(server, 'MAIN', ['--max-turns', '2'], (event, child) => {
  if (event.type === 'result') child.stdin.end();
});
const result = events.find((event) => event.type === 'result');
const total = Object.values(result.modelUsage).reduce((sum, model) => sum + model.outputTokens, 0);
check('calls whose start is in a stream event', events.filter((event) => event.event?.type === 'message_start').length, 2);
check('calls of a model', calls, 5);
check('output in the sub-agent\'s assistant events', [...new Set(events.filter((event) => event.type === 'assistant' &&
  event.parent_tool_use_id).map((event) => event.message.usage.output_tokens))], [1]);
check('output by usage of the result', result.usage.output_tokens, 200);
check('output by modelUsage', total, 90200);
check('total_tokens of the notification', events.find((event) => event.subtype === 'task_notification' && event.usage)?.usage.total_tokens, 31000);
check('subtype and num_turns with --max-turns 2', [result.subtype, result.num_turns], ['success', 2]);
server.close();
process.exit(failed);
JS
echo "Claude Code: $("$claude" --version)"
node "$work/check.mjs" "$claude" "$work/home" "$work/project"
