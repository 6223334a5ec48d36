#!/bin/bash
# What the model sees of an MCP tool's result in Codex 0.171.0 (@openai/codex, `codex exec`). Seen:
#   - where the result has `structuredContent`, the model gets that alone: the text of `content` is not told, nor is an
#     image beside it. Servers put the summary, the warning or the picture there;
#   - `isError: true` is not told at all: the model reads "Output:" and the words, as after a success. Where the failing
#     result has `structuredContent`, it does not even get the words of the error;
#   - `item.completed` of --json has both forms and `status` "failed", so a log looks right.
# One would guess `content`, which the protocol wants beside the other for older clients, and that a failure is marked (as
# Claude Code does, which for a failure takes the text). A server should say in both forms that it failed, and give a
# picture without `structuredContent`. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent @openai/codex@0.171.0
mkdir -p "$work/home/.codex" "$work/project"

cat >"$work/tools.mjs" <<'JS'
// An MCP server (stdio) whose tools answer in different forms.
import { createInterface } from 'node:readline';
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const text = (words) => ({ type: 'text', text: words });
const results = {
  both_forms: { content: [text('two of three, one is stale')], structuredContent: { found: 2 } },
  with_image: { content: [text('a chart'), { type: 'image', mimeType: 'image/png', data: png }], structuredContent: { points: 7 } },
  image_alone: { content: [text('a chart'), { type: 'image', mimeType: 'image/png', data: png }] },
  fails: { isError: true, content: [text('the disk is full')] },
  fails_twofold: { isError: true, content: [text('the disk is full')], structuredContent: { written: 0 } },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = method === 'initialize' ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'tools', version: '1' } }
    : method === 'tools/list' ? { tools: Object.keys(results).map((name) => ({ name, description: name, inputSchema: { type: 'object', properties: {} } })) }
      : method === 'tools/call' ? results[params.name] : {};
  console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
});
JS

cat >"$work/check.mjs" <<'JS'
// A scripted model on loopback (Responses API) that calls each tool once.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const [codex, work] = process.argv.slice(2);
const names = ['both_forms', 'with_image', 'image_alone', 'fails', 'fails_twofold'];
let outputs = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    const { input = [], tools = [] } = JSON.parse(body);
    outputs = input.filter((item) => item.type === 'function_call_output').map((item) => item.output);
    const id = `${outputs.length}`, name = names[outputs.length];
    const namespace = tools.find((tool) => tool.tools?.some((inner) => inner.name === name))?.name;
    const item = name ? { type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, name, namespace, arguments: '{}' }
      : { type: 'message', id: `msg_${id}`, role: 'assistant', content: [{ type: 'output_text', text: 'Done.' }] };
    const events = [{ type: 'response.created', response: { id } }, { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id, usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } } }];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
writeFileSync(`${work}/home/.codex/config.toml`, `model = "m"\nmodel_provider = "local"\n[model_providers.local]\nname = "local"
base_url = "http://127.0.0.1:${server.address().port}/v1"\nenv_key = "KEY"\nwire_api = "responses"
[mcp_servers.tools]\ncommand = "${process.execPath}"\nargs = ["${work}/tools.mjs"]\n`);
const child = spawn(codex, ['exec', '--json', '--skip-git-repo-check', '-s', 'danger-full-access', 'go'],
  { cwd: `${work}/project`, env: { PATH: process.env.PATH, HOME: `${work}/home`, KEY: 'none' }, stdio: ['ignore', 'pipe', 'ignore'] });
let out = '';
child.stdout.on('data', (part) => (out += part));
await new Promise((closed) => child.on('close', closed));
server.close();

let failed = 0;
function check(what, seen, expected) {
  const same = seen === expected;
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${seen}${same ? '' : ` (expected: ${expected})`}`);
  failed ||= same ? 0 : 1;
}
const told = (output) => (typeof output === 'string' ? output : output.map((part) => part.text ?? part.type).join(' + '))
  .replace(/Wall time: [0-9.]+ seconds\n/, '').replaceAll('\n', ' ');
const expected = ['Output: {"found":2}', 'Output: {"points":7}', 'Output: + a chart + input_image', 'Output: + the disk is full', 'Output: {"written":0}'];
names.forEach((name, index) => check(name, told(outputs[index] ?? ''), expected[index]));
const failing = out.trim().split('\n').map((line) => JSON.parse(line)).find((e) => e.type === 'item.completed' && e.item.tool === 'fails');
check('status in the events', failing?.item.status, 'failed');
process.exit(failed);
JS
echo "Codex: $(HOME=$work/home "$work/cli/node_modules/.bin/codex" --version 2>/dev/null)"
node "$work/check.mjs" "$work/cli/node_modules/.bin/codex" "$work"
