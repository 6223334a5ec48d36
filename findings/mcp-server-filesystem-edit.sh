#!/usr/bin/env bash
# @modelcontextprotocol/server-filesystem 2026.8.31: edit_file changes lines that no edit names, and the diff that it returns
# does not show them. The file is read as UTF-8, all CR LF become LF, and that is written back; the diff compares two texts
# that both went through it. One would guess that an exact replacement leaves the rest of a file as it is, and that a diff
# which the server itself makes shows what has changed. So whoever approves an edit by its diff, or reads the answer as a
# record, does not learn that the whole of a file with CR LF is another one now (for Git: each line). Compare the bytes before
# and after. write_file keeps what it is given.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/files"
export HOME=$work/home

npm install --prefix "$work" --no-audit --no-fund --silent @modelcontextprotocol/server-filesystem@2026.8.31

cat >"$work/check.mjs" <<'JS'
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { readFileSync, writeFileSync } from 'node:fs';
const [, , command, folder] = process.argv;
const client = new Client({ name: 'client', version: '1' });
await client.connect(new StdioClientTransport({ command, args: [folder], env: process.env, stderr: 'ignore' }));
const call = async (name, values) => (await client.callTool({ name, arguments: values })).content[0].text;
let failed = 0;
function check(what, seen, fits) {
  console.log(`${fits ? 'as described' : 'DIFFERENT'}: ${what}: ${JSON.stringify(seen)}`);
  failed ||= fits ? 0 : 1;
}
const path = `${folder}/list.txt`;
writeFileSync(path, 'one\r\ntwo\r\nthree\r\n');
const diff = await call('edit_file', { path, edits: [{ oldText: 'two', newText: 'TWO' }] });
const changed = diff.split('\n').filter((line) => /^[-+](?![-+])/.test(line));
check('lines that the diff shows as changed', changed, changed.join() === '-two,+TWO');
const edited = readFileSync(path, 'utf8');
check('the file then', edited, edited === 'one\nTWO\nthree\n');
writeFileSync(path, 'one\r\ntwo\r\n');
const dry = await call('edit_file', { path, edits: [{ oldText: 'two', newText: 'TWO' }], dryRun: true });
check('the file after a dry run', readFileSync(path, 'utf8'), readFileSync(path, 'utf8') === 'one\r\ntwo\r\n' && dry.includes('+TWO'));
await call('write_file', { path, content: 'one\r\nTWO\r\n' });
check('the same by write_file', readFileSync(path, 'utf8'), readFileSync(path, 'utf8') === 'one\r\nTWO\r\n');
await client.close();
process.exit(failed);
JS
echo "@modelcontextprotocol/server-filesystem: $(node -p 'require(process.argv[1]).version' "$work/node_modules/@modelcontextprotocol/server-filesystem/package.json")"
node "$work/check.mjs" "$work/node_modules/.bin/mcp-server-filesystem" "$work/files"
