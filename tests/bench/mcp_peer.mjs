// The reference client, measured by tool_calls.cpp in the same run: connects, then makes as many calls as each line of
// its input says, and prints their times in microseconds and the microseconds of CPU of all of them.
//
// node mcp_peer.mjs NODE_MODULES TOOL ARGUMENTS URL|COMMAND [ARGUMENT…]
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [modules, tool, given, target, ...rest] = process.argv.slice(2);
const from = (path) => import(join(modules, '@modelcontextprotocol/sdk/dist/esm', path));
const { Client } = await from('client/index.js');
let transport;
if (target.startsWith('http')) {
  const { StreamableHTTPClientTransport } = await from('client/streamableHttp.js');
  transport = new StreamableHTTPClientTransport(new URL(target));
} else {
  const { StdioClientTransport } = await from('client/stdio.js');
  transport = new StdioClientTransport({ command: target, args: rest, stderr: 'ignore' });
}
const client = new Client({ name: 'peer', version: '1.0.0' });
await client.connect(transport);
await client.listTools();
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const times = [];
  const before = process.cpuUsage();
  for (let i = 0; i < Number(line); i += 1) {
    const begin = process.hrtime.bigint();
    await client.callTool({ name: tool, arguments: JSON.parse(given) });
    times.push(Number(process.hrtime.bigint() - begin) / 1000);
  }
  const used = process.cpuUsage(before);
  console.log(JSON.stringify({ times, cpu: used.user + used.system }));
}
await client.close();
process.exit(0);
