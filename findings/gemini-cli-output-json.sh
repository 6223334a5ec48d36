#!/bin/bash
# `gemini -p … -o json` of Gemini CLI 0.61.0 (@google/gemini-cli) ends with 0 whatever became of the answer. Seen:
#   - MAX_TOKENS and SAFETY as finish reason: half the answer as `response`, no `error`, nothing of the reason anywhere;
#   - a stream that ends without a finish reason: asked four times, then exit 0, an `error` of type INVALID_STREAM beside a
#     `response` that holds the pieces of all four attempts, one after the other;
#   - an MCP server that gives its tools in pages (`nextCursor`): the first page alone is asked for, the tools of the others
#     are not offered, and nothing says so. (Codex, opencode and Claude Code ask for all.)
# One would guess another status than 0 beside an `error` (a wrong key does end with 145), an answer cut short to be marked,
# and the attempts not to be strung together. Whoever reads it takes any `error` as a failure, drops `response` beside
# it, and cannot tell a cut answer. Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work/cli" --no-audit --no-fund --silent @google/gemini-cli@0.61.0
mkdir -p "$work/home/.gemini" "$work/project"

cat >"$work/tools.mjs" <<'JS'
// An MCP server (stdio) with a tool on each of two pages.
import { createInterface } from 'node:readline';
const page = (name, more) => ({ tools: [{ name, description: name, inputSchema: { type: 'object', properties: {} } }], ...more });
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = method === 'initialize' ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'tools', version: '1' } }
    : method !== 'tools/list' ? {} : params?.cursor ? page('on_the_second') : page('on_the_first', { nextCursor: 'second' });
  console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
});
JS

cat >"$work/check.mjs" <<'JS'
// A model on loopback (Gemini API) that says the same each time, and the reason that the prompt names.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const [gemini, work] = process.argv.slice(2);
let offered = [], requests = 0;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    ++requests;
    offered = (JSON.parse(body).tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []).map((tool) => tool.name);
    const reason = body.match(/KW_([A-Z_]+)/)[1];
    const candidate = { index: 0, content: { role: 'model', parts: [{ text: 'Half. ' }] }, ...(reason !== 'NONE' && { finishReason: reason }) };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify({ candidates: [candidate], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 } })}\n\n`);
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
writeFileSync(`${work}/home/.gemini/settings.json`, JSON.stringify({ security: { auth: { selectedType: 'gemini-api-key' } },
  mcpServers: { tools: { command: process.execPath, args: [`${work}/tools.mjs`], trust: true } } }));
async function run(reason) {
  requests = 0;
  const child = spawn(gemini, ['-m', 'gemini-2.5-flash', '-p', `KW_${reason}`, '-o', 'json', '--approval-mode', 'yolo', '--skip-trust'],
    { cwd: `${work}/project`, stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, HOME: `${work}/home`, GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${server.address().port}` } });
  let out = '';
  child.stdout.on('data', (part) => (out += part));
  const status = await new Promise((closed) => child.on('close', closed));
  const { response, error } = JSON.parse(out);
  return { status, response, error: error?.type ?? null, told: out.includes(reason), requests };
}
let failed = 0;
function check(what, seen, expected) {
  const same = JSON.stringify(seen) === JSON.stringify(expected);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}${same ? '' : ` (expected: ${JSON.stringify(expected)})`}`);
  failed ||= same ? 0 : 1;
}
for (const reason of ['MAX_TOKENS', 'SAFETY']) {
  check(reason, await run(reason), { status: 0, response: 'Half. ', error: null, told: false, requests: 1 });
}
check('tools of the server that are offered', offered.filter((name) => name.includes('on_the_')), ['mcp_tools_on_the_first']);
check('no reason', await run('NONE'), { status: 0, response: 'Half. Half. Half. Half. ', error: 'INVALID_STREAM', told: false, requests: 4 });
server.close();
process.exit(failed);
JS
echo "Gemini CLI: $(HOME=$work/home "$work/cli/node_modules/.bin/gemini" --version)"
node "$work/check.mjs" "$work/cli/node_modules/.bin/gemini" "$work"
