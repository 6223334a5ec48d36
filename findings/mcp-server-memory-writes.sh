#!/usr/bin/env bash
# @modelcontextprotocol/server-memory 2026.8.31: of calls that are written at once all succeed and nearly all are lost. Each
# reads the file, adds its own and writes the whole file, without waiting for the others. One would guess that a server that
# takes requests by number and answers each can be given several, as the protocol says and as clients do when a model asks
# for several tools in one answer. Give a server one call at a time, and read back what matters. Also: a name given twice in
# one call is kept twice, though one that is there already is left out without a word, and deleting nobody is a success.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
export HOME=$work/home MEMORY_FILE_PATH=$work/memory.jsonl

npm install --prefix "$work" --no-audit --no-fund --silent @modelcontextprotocol/server-memory@2026.8.31

cat >"$work/check.mjs" <<'JS'
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { rmSync } from 'node:fs';
const client = new Client({ name: 'client', version: '1' });
await client.connect(new StdioClientTransport({ command: process.argv[2], env: process.env, stderr: 'ignore' }));
const call = (name, values) => client.callTool({ name, arguments: values });
const create = (...names) => call('create_entities', { entities: names.map((name) => ({ name, entityType: 'person', observations: [] })) });
const kept = async () => (await call('read_graph', {})).structuredContent.entities.length;
let failed = 0;
function check(what, seen, fits) {
  console.log(`${fits ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}`);
  failed ||= fits ? 0 : 1;
}
const names = Array.from({ length: 50 }, (_, i) => `person ${i}`);
const told = (await Promise.all(names.map((name) => create(name)))).filter((result) => !result.isError && result.structuredContent.entities.length === 1);
const left = await kept();
check('of 50 at once, told as kept', told.length, told.length === 50);
check('of 50 at once, kept', left, left < 25);
rmSync(process.env.MEMORY_FILE_PATH);
for (const name of names) await create(name);
check('of 50 one after the other, kept', await kept(), await kept() === 50);
const again = (await create('person 1')).structuredContent.entities;
check('a name that is there', again, again.length === 0);
await create('twin', 'twin');
check('a name twice in one call, kept', await kept() - 50, await kept() === 52);
const nobody = await call('delete_entities', { entityNames: ['nobody'] });
check('nobody deleted', nobody.structuredContent, nobody.structuredContent?.success === true);
await client.close();
process.exit(failed);
JS
echo "@modelcontextprotocol/server-memory: $(node -p 'require(process.argv[1]).version' "$work/node_modules/@modelcontextprotocol/server-memory/package.json")"
node "$work/check.mjs" "$work/node_modules/.bin/mcp-server-memory"
