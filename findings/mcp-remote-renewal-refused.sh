#!/usr/bin/env bash
# mcp-remote 0.15.1 as a stdio server: where the sign-in has run out and the authorization server refuses to renew it
# (invalid_grant, as after a revocation), it answers nothing any more. `initialize` stays open: no result, no error of the
# protocol, no end of the process; it says "Waiting for authorization" on its standard error, tries to open a browser on the
# machine it runs on, and waits for the rest of its life. One would guess an error, or an exit, since whoever started it by a
# program has no browser there. Give the handshake a time-out, and show the last lines of standard error when it is over: they
# are all that says what to do.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
export HOME=$work/home BROWSER=/bin/true
unset DISPLAY WAYLAND_DISPLAY

npm install --prefix "$work" --no-audit --no-fund --silent mcp-remote@0.15.1

cat >"$work/check.mjs" <<'JS'
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

// A server with OAuth: it registers everybody, agrees to everything, and renews until it is told not to.
const valid = new Set();
let revoked = false;
const body = async (req) => { let text = ''; for await (const piece of req) text += piece; return text; };
const server = createServer(async (req, res) => {
  const base = `http://localhost:${server.address().port}`;
  const at = new URL(req.url, base);
  const answer = (status, value, headers = {}) => {
    res.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    res.end(JSON.stringify(value));
  };
  const text = await body(req);
  if (at.pathname.startsWith('/.well-known/oauth-protected-resource')) {
    answer(200, { resource: `${base}/mcp`, authorization_servers: [base] });
  } else if (at.pathname.startsWith('/.well-known/oauth-authorization-server')) {
    answer(200, { issuer: base, authorization_endpoint: `${base}/authorize`, token_endpoint: `${base}/token`,
      registration_endpoint: `${base}/register`, response_types_supported: ['code'], code_challenge_methods_supported: ['S256'],
      grant_types_supported: ['authorization_code', 'refresh_token'], token_endpoint_auth_methods_supported: ['none'] });
  } else if (at.pathname === '/register') {
    answer(201, { ...JSON.parse(text), client_id: randomUUID() });
  } else if (at.pathname === '/authorize') {
    const to = new URL(at.searchParams.get('redirect_uri'));
    to.searchParams.set('code', randomUUID());
    to.searchParams.set('state', at.searchParams.get('state') ?? '');
    res.writeHead(302, { Location: to.href });
    res.end();
  } else if (at.pathname === '/token') {
    if (revoked) return answer(400, { error: 'invalid_grant', error_description: 'revoked' });
    const token = randomUUID();
    valid.add(token);
    answer(200, { access_token: token, token_type: 'Bearer', expires_in: 3600, refresh_token: randomUUID() });
  } else if (at.pathname !== '/mcp') {
    answer(404, {});
  } else if (revoked || !valid.has((req.headers.authorization ?? '').replace(/^Bearer /i, ''))) {
    answer(401, { error: 'invalid_token' }, { 'WWW-Authenticate':
      `Bearer error="invalid_token", resource_metadata="${base}/.well-known/oauth-protected-resource/mcp"` });
  } else if (req.method !== 'POST') {
    answer(405, {});
  } else {
    const { id, params } = JSON.parse(text);
    if (id === undefined) { res.writeHead(202); res.end(); return; }
    answer(200, { jsonrpc: '2.0', id, result: { protocolVersion: params?.protocolVersion ?? '2025-06-18', capabilities: {},
      serverInfo: { name: 'server', version: '1' } } });
  }
});
await new Promise((done) => { server.listen(0, '127.0.0.1', done); });

let failed = 0;
function check(what, same) {
  console.log(`${same ? 'as described' : 'DIFFERENT'}: ${what}`);
  failed ||= same ? 0 : 1;
}

/** Starts it, sends `initialize`, and waits until it answers or has had its time; presses the link where `agrees`. */
async function ask(seconds, agrees) {
  const child = spawn(process.argv[2], [`http://localhost:${server.address().port}/mcp`]);
  const seen = { answer: '', errors: '', exited: false };
  child.stdout.on('data', (text) => { seen.answer += text; });
  child.on('exit', () => { seen.exited = true; });
  child.stderr.on('data', async (text) => {
    seen.errors += text;
    const link = agrees && seen.errors.match(/http:\/\/localhost:\d+\/authorize\S+/);
    if (link) {
      agrees = false;
      await fetch(link[0]);
    }
  });
  child.stdin.write(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'client', version: '1' } } }) + '\n');
  for (let waited = 0; waited < seconds * 10 && !seen.answer && !seen.exited; waited += 1) {
    await new Promise((done) => { setTimeout(done, 100); });
  }
  const result = { ...seen };
  child.kill('SIGKILL');
  return result;
}

const first = await ask(60, true);
check(`signed in, it answers initialize: ${first.answer.slice(0, 60)}`, first.answer.includes('"result"'));
const again = await ask(60, false);
check('and in another process without a word from anybody', again.answer.includes('"result"'));
revoked = true;
const refused = await ask(30, false);
check('the renewal refused, nothing comes in 30 seconds, no error either', refused.answer === '');
check('it does not end', !refused.exited);
check('its standard error says what it waits for', refused.errors.includes('Waiting for authorization'));
process.exit(failed);
JS
echo "mcp-remote: $(node -p 'require(process.argv[1]).version' "$work/node_modules/mcp-remote/package.json")"
node "$work/check.mjs" "$work/node_modules/.bin/mcp-remote"
