#!/usr/bin/env bash
# mcp-mail-server 1.2.1: no call ever fails. What goes wrong is an ordinary result, without `isError`, whose text begins with
# "Error": a mail that could not be sent, a tool that does not exist, arguments that are missing. The protocol has `isError`
# and error answers for that, and its SDK sets them by itself for whatever a tool throws. One would guess that a result
# without `isError` means that the mail was sent: a client that goes by it tells people so. Take a result of one text that
# begins with "Error" for a failure, and show the words of a tool instead of "done".
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
export HOME=$work/home

npm install --prefix "$work" --no-audit --no-fund --silent mcp-mail-server@1.2.1 @modelcontextprotocol/sdk@1.32.0

cat >"$work/check.mjs" <<'JS'
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
const client = new Client({ name: 'client', version: '1' });
// Port 1 is refused at once.
const there = { IMAP_HOST: '127.0.0.1', IMAP_PORT: '1', IMAP_SECURE: 'false', SMTP_HOST: '127.0.0.1', SMTP_PORT: '1', SMTP_SECURE: 'false' };
await client.connect(new StdioClientTransport({ command: process.argv[2], stderr: 'ignore',
  env: { ...process.env, ...there, EMAIL_USER: 'ann@example.org', EMAIL_PASS: 'x' } }));
let failed = 0;
async function check(what, name, values, begin) {
  const answer = await client.callTool({ name, arguments: values }).then(
    (result) => `isError ${result.isError}: ${result.content[0].text}`, (error) => `an error of the protocol: ${error.message}`);
  const same = answer.startsWith(`isError undefined: ${begin}`);
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}: ${answer.slice(0, 160)}`);
  failed ||= same ? 0 : 1;
}
await check('a mail without a server to send it', 'send_email', { to: 'bob@example.org', subject: 'Hello', text: 'Hello' }, 'Error');
await check('mail without a server that has it', 'get_unseen_messages', {}, 'Error');
await check('a tool that does not exist', 'make_tea', {}, 'Error');
await check('a mail to nobody', 'send_email', {}, 'Error');
process.exit(failed); // the server does not end by itself
JS
echo "mcp-mail-server: $(node -p 'require(process.argv[1]).version' "$work/node_modules/mcp-mail-server/package.json")"
node "$work/check.mjs" "$work/node_modules/.bin/mcp-mail-server"
