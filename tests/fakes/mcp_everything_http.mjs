// The reference server over streamable HTTP, on a port that the system gives and that is printed. The argument is the
// folder of the npm packages.
import { Server } from 'node:net';
import { join } from 'node:path';

const say = console.log;
console.log = () => {};
console.error = () => {};
process.env.PORT = '0';
const listen = Server.prototype.listen;
Server.prototype.listen = function (...given) {
  this.once('listening', () => say(`listening on http://127.0.0.1:${this.address().port}/mcp`));
  return listen.call(this, given[0], '127.0.0.1', ...given.slice(1).filter((one) => typeof one === 'function'));
};
await import(join(process.argv[2], '@modelcontextprotocol/server-everything/dist/transports/streamableHttp.js'));
