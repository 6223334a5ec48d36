// A server of the Model Context Protocol that is what a file says, which is read anew for each request:
// {"tools": [...], "answers": {"NAME": "text" or a result}, "after": {"NAME": what the file holds then}, "held": ["NAME"]}; what is held is answered once FILE.go is there.
// It notes each message in FILE.log.
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const file = process.argv[2];
const write = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');

function call(now, name, given) {
  if (now.after?.[name]) {
    writeFileSync(`${file}.next`, JSON.stringify({ ...now, after: {}, ...now.after[name] }));
    renameSync(`${file}.next`, file);
    write({ method: 'notifications/tools/list_changed' });
  }
  const schema = now.tools.find((tool) => tool.name === name)?.inputSchema ?? {};
  const missing = (schema.required ?? []).filter((key) => !(key in given));
  if (missing.length > 0) return { isError: true, content: [{ type: 'text', text: `Invalid arguments: ${missing} missing` }] };
  const answer = now.answers?.[name] ?? `${name} got ${JSON.stringify(given)}`;
  return typeof answer === 'string' ? { content: [{ type: 'text', text: answer }] } : answer;
}

function answer(id, now, params) {
  if (now.held?.includes(params.name) && !existsSync(`${file}.go`)) {
    setTimeout(answer, 50, id, now, params);
  } else {
    write({ id, result: call(now, params.name, params.arguments ?? {}) });
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync(`${file}.log`, line + '\n');
  const { id, method, params } = JSON.parse(line);
  if (id === undefined || method === undefined) return;
  const now = JSON.parse(readFileSync(file, 'utf8'));
  if (method === 'initialize') {
    write({ id, result: { protocolVersion: '2025-06-18', capabilities: { tools: { listChanged: true } }, serverInfo: { name: 'fake' } } });
  } else if (method === 'tools/list') {
    write({ id, result: { tools: now.tools } });
  } else if (method === 'tools/call') {
    answer(id, now, params);
  } else {
    write({ id, error: { code: -32601, message: 'Method not found' } });
  }
});
