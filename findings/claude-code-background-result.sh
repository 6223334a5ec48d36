#!/bin/bash
# The `result` of Claude Code 2.1.330 (-p, --output-format stream-json, --input-format stream-json) is not the end. Seen:
#   - the tool Agent, called without `run_in_background`, works in the background: the turn's `result` (`success`) comes
#     while the sub-agent is still at work, and says nothing of that;
#   - a foreground command that passes its `timeout` is moved to the background, with the same effect;
#   - when the work has ended, `system/background_tasks_changed` with an empty list comes first, then a turn that the CLI
#     begins by itself, and a second `result`, whose `origin.kind` is "task-notification";
# So whoever ends the process at the first `result` kills what is at work and takes it for done; the empty list alone is
# no sign of the end either: a turn follows it. Exits with 1 if any of this is different.
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
const server = await serve({
  'task-notification': [say('The work has ended.')],
  SUB_SLOW: [use('Bash', { command: 'sleep 4; echo late > late.txt' }), say('Written.')],
  SUB_QUICK: [say('Quick.')],
  MAIN_AGENT: [use('Agent', { description: 'd', prompt: 'SUB_SLOW', subagent_type: 'general-purpose' }), say('I have begun.')],
  MAIN_MOVED: [use('Bash', { command: 'for i in 1 2 3 4; do sleep 1; done', timeout: 1500 }), say('It was moved.')],
});
for (const prompt of ['MAIN_AGENT', 'MAIN_MOVED']) {
  let left = [], results = 0;
  const seen = [];
  await run(server, prompt, [], (event, child) => {
    if (event.subtype === 'background_tasks_changed') {
      left = event.tasks;
      seen.push(`list of ${left.length}`);
    } else if (event.type === 'result') {
      seen.push(`${event.subtype} from ${event.origin?.kind ?? 'the prompt'}: ${event.result}`);
      if (++results === 2) child.stdin.end();
    }
  });
  check(prompt, seen, ['list of 1', `success from the prompt: ${prompt === 'MAIN_AGENT' ? 'I have begun.' : 'It was moved.'}`,
    'list of 0', 'success from task-notification: The work has ended.']);
}
server.close();
process.exit(failed);
JS
echo "Claude Code: $("$claude" --version)"
node "$work/check.mjs" "$claude" "$work/home" "$work/project"
