#!/bin/bash
# Tools registered with McpServer of @modelcontextprotocol/sdk 1.32.0 and zod 4.6.7, called by the same package's Client. Seen:
#   - `outputSchema` {v: number} and a result with one member more: taken by the server, which checks it by zod; refused by
#     the client, for which the same schema is told with `additionalProperties: false`. A default in it ({v: number or 7}) is
#     told as required, but not filled in: again the server takes the result without it, and the client refuses;
#   - the client only does so after `listTools()`: the same call before it succeeds;
#   - `inputSchema` that is a union, or an object with a transform: the tool works, but it is told as one without arguments,
#     so that no model ever gives it any. A misspelt argument is taken away without a word (strictObject refuses it);
#   - one z.date() among the tools: registering and calling it work, but `tools/list` fails as a whole (-32603), so that the
#     server has no tools at all for everybody else;
#   - `resetTimeoutOnProgress` does nothing without `onprogress`, since no progress is then asked for.
# One would guess that one package agrees with itself, that registering refuses what cannot be told, and that a schema that
# checks is also the one that is shown. Test a server through its list, with a client that has called `listTools()`.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
export HOME=$work/home

npm install --prefix "$work" --no-audit --no-fund --silent @modelcontextprotocol/sdk@1.32.0 zod@4.6.7

cat >"$work/check.mjs" <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
const server = new McpServer({ name: 'server', version: '1' });
const echo = async (values) => ({ content: [{ type: 'text', text: JSON.stringify(values) }] });
server.registerTool('more', { outputSchema: { v: z.number() } }, async () => ({ content: [], structuredContent: { v: 1, more: 2 } }));
server.registerTool('filled', { outputSchema: { v: z.number().default(7) } }, async () => ({ content: [], structuredContent: {} }));
server.registerTool('union', { inputSchema: z.union([z.object({ a: z.string() }), z.object({ b: z.number() })]) }, echo);
server.registerTool('changed', { inputSchema: z.object({ a: z.string() }).transform(({ a }) => ({ up: a.toUpperCase() })) }, echo);
server.registerTool('object', { inputSchema: { a: z.string().optional() } }, echo);
server.registerTool('slow', {}, async ({ _meta, sendNotification }) => {
  for (let progress = 1; progress <= 5; ++progress) {
    await sleep(400);
    if (_meta?.progressToken !== undefined) {
      await sendNotification({ method: 'notifications/progress', params: { progressToken: _meta.progressToken, progress } });
    }
  }
  return { content: [{ type: 'text', text: 'slept' }] };
});
const client = new Client({ name: 'client', version: '1' });
const [one, other] = InMemoryTransport.createLinkedPair();
await Promise.all([server.connect(one), client.connect(other)]);

const call = (name, values, options) => client.callTool({ name, arguments: values }, undefined, options)
  .then((result) => result.structuredContent ?? result.content[0].text, (error) => error.message);
let failed = 0;
function check(what, seen, expected) {
  const same = JSON.stringify(seen) === JSON.stringify(expected);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}${same ? '' : ` (expected: ${JSON.stringify(expected)})`}`);
  failed ||= same ? 0 : 1;
}
const refused = 'MCP error -32602: Structured content does not match the tool\'s output schema: data must ';
check('one member more, before listTools()', await call('more', {}), { v: 1, more: 2 });
check('without the default, before it', await call('filled', {}), {});
const { tools } = await client.listTools();
check('one member more, after it', await call('more', {}), `${refused}NOT have additional properties`);
check('without the default, after it', await call('filled', {}), `${refused}have required property 'v'`);
const told = (name) => tools.find((tool) => tool.name === name).inputSchema.properties;
check('a union as it is told', told('union'), {});
check('a union called', await call('union', { b: 1 }), '{"b":1}');
check('a transform as it is told', told('changed'), {});
check('a transform called', await call('changed', { a: 'x' }), '{"up":"X"}');
check('a misspelt argument', await call('object', { a: 'x', aa: 'y' }), '{"a":"x"}');
const patient = { timeout: 1000, resetTimeoutOnProgress: true };
check('progress, without onprogress', await call('slow', {}, patient), 'MCP error -32001: Request timed out');
check('progress, with onprogress', await call('slow', {}, { ...patient, onprogress: () => {} }), 'slept');
server.registerTool('dated', { inputSchema: { day: z.date().optional() } }, echo);
check('a date called', await call('dated', {}), '{}');
check('the list with it', await client.listTools().then(() => 'a list', (error) => error.message), 'MCP error -32603: Date cannot be represented in JSON Schema');
process.exit(failed);
JS
for package in @modelcontextprotocol/sdk zod; do
  echo "$package: $(node -p 'require(process.argv[1]).version' "$work/node_modules/$package/package.json")"
done
node "$work/check.mjs"
