#!/bin/bash
# Tools of an MCP server in Claude Code 2.1.330 (-p, --output-format stream-json). Seen:
#   - a dot in a tool's name becomes "_". Of a server with `get.item` and `get_item`, both legal names, the model gets one
#     `mcp__tools__get_item`, which calls whichever stands first in the server's list. The other one cannot be called, and
#     nothing says so: the init event lists the name once, the server is "connected";
#   - where a result has `structuredContent`, the model gets that in place of the text of `content`; an image beside it is
#     kept. A failure (`isError`) is the other way round: the text alone, marked as an error.
# One would guess that a tool with exactly that name is the one that is called, and that two are told apart, as Codex does
# (by a hash); and that the text is told. Give tools names without dots, and put into `structuredContent` what the model
# has to know. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent @anthropic-ai/claude-code@2.1.330
mkdir "$work/home" "$work/project"

cat >"$work/tools.mjs" <<'JS'
// An MCP server (stdio); its first two tools are in the order of the arguments.
import { createInterface } from 'node:readline';
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const text = (words) => ({ type: 'text', text: words });
const results = {
  both_forms: { content: [text('one is stale'), { type: 'image', mimeType: 'image/png', data: png }], structuredContent: { found: 2 } },
  fails: { isError: true, content: [text('the disk is full')], structuredContent: { written: 0 } },
};
const names = [...process.argv.slice(2), ...Object.keys(results)];
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = method === 'initialize' ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'tools', version: '1' } }
    : method === 'tools/list' ? { tools: names.map((name) => ({ name, description: name, inputSchema: { type: 'object', properties: {} } })) }
      : method === 'tools/call' ? results[params.name] ?? { content: [text(`this is ${params.name}`)] } : {};
  console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
});
JS

cat >"$work/check.mjs" <<'JS'
// A scripted model on loopback (Messages API) that calls some tools, one after the other.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
const [claude, work] = process.argv.slice(2);
const calls = ['get_item', 'both_forms', 'fails'];
let results = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    results = (JSON.parse(body).messages ?? []).flatMap((message) => (Array.isArray(message.content) ? message.content : [])).filter((block) => block.type === 'tool_result');
    const name = calls[results.length];
    const id = `${results.length}`;
    const events = [
      ['message_start', { message: { id: `msg_${id}`, type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 1 } } }],
      ['content_block_start', { index: 0, content_block: name ? { type: 'tool_use', id: `toolu_${id}`, name: `mcp__tools__${name}`, input: {} } : { type: 'text', text: '' } }],
      ['content_block_delta', { index: 0, delta: name ? { type: 'input_json_delta', partial_json: '{}' } : { type: 'text_delta', text: 'Done.' } }],
      ['content_block_stop', { index: 0 }],
      ['message_delta', { delta: { stop_reason: name ? 'tool_use' : 'end_turn' }, usage: { output_tokens: 1 } }], ['message_stop', {}]];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`).join(''));
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
async function run(...names) { // what the model was told of each call, and how often the name is in the list
  const config = { mcpServers: { tools: { command: process.execPath, args: [`${work}/tools.mjs`, ...names] } } };
  const child = spawn(claude, ['-p', '--output-format', 'stream-json', '--verbose', '--mcp-config', JSON.stringify(config), '--allowedTools', 'mcp__tools'],
    { cwd: `${work}/project`, stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH, HOME: `${work}/home`, ANTHROPIC_API_KEY: 'none', DISABLE_AUTOUPDATER: '1',
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${server.address().port}`, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' } });
  let out = '';
  child.stdout.on('data', (part) => (out += part));
  child.stdin.end('go');
  await new Promise((closed) => child.on('close', closed));
  const { tools, mcp_servers: [{ status }] } = out.trim().split('\n').map((line) => JSON.parse(line)).find((event) => event.subtype === 'init');
  const parts = (content) => (typeof content === 'string' ? [content.split('\n')[0]] : content.map((part) => part.text ?? part.type));
  return { told: results.map(({ content, is_error: error }) => [...parts(content), ...(error ? ['an error'] : [])].filter((part) => !part.startsWith('[Image'))),
    server: status, listed: tools.filter((name) => name === 'mcp__tools__get_item').length };
}
let failed = 0;
function check(what, seen, expected) {
  const same = JSON.stringify(seen) === JSON.stringify(expected);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}${same ? '' : ` (expected: ${JSON.stringify(expected)})`}`);
  failed ||= same ? 0 : 1;
}
const dotFirst = await run('get.item', 'get_item');
check('get_item, where get.item is listed first', dotFirst.told[0], ['this is get.item']);
check('get_item, where it is listed first itself', (await run('get_item', 'get.item')).told[0], ['this is get_item']);
check('times that the name is listed', dotFirst.listed, 1);
check('the server', dotFirst.server, 'connected');
check('both forms and an image', dotFirst.told[1], ['image', '{"found":2}']);
check('a failure', dotFirst.told[2], ['the disk is full', 'an error']);
server.close();
process.exit(failed);
JS
echo "Claude Code: $(HOME=$work/home "$work/cli/node_modules/.bin/claude" --version)"
node "$work/check.mjs" "$work/cli/node_modules/.bin/claude" "$work"
