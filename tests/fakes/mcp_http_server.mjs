// A server of the Model Context Protocol over streamable HTTP, which misbehaves as the path of its address says.
// Prints the port. GET /asked/<mode> tells what that mode was asked, a line each.
import { createServer } from 'node:http';

const schema = { type: 'object', properties: { text: { type: 'string' } } };
const tool = (name, more = {}) => ({ name, description: `Does ${name}`, inputSchema: schema, ...more });
const text = (words) => ({ content: [{ type: 'text', text: words }] });
const asked = {};
const sessions = {}; // by mode: those that are open
const rest = {}; // by event id: what comes after it
const owed = {}; // by mode: the stream that waits for answers of the client
let next = 1;

const json = (res, status, body, headers = {}) => {
  res.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  res.end(typeof body === 'string' ? body : JSON.stringify(body));
};
const message = (body) => JSON.stringify({ jsonrpc: '2.0', ...body });
const event = (body, id) => `${id ? `id: ${id}\n` : ''}event: message\ndata: ${message(body)}\n\n`;
const open = (res, headers = {}) => {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', ...headers });
  res.flushHeaders();
};
const flood = (res, piece) => {
  const more = () => {
    while (!res.destroyed && res.write(piece));
    res.once('drain', more);
  };
  more();
};

function tools(mode) {
  if (mode === 'parameters') {
    const region = { type: 'string', 'x-mcp-header': 'Region' };
    return [
      tool('read', { annotations: { readOnlyHint: true }, inputSchema: { type: 'object', properties: { region } } }),
      tool('broken', { inputSchema: { type: 'object', properties: { x: { type: 'number', 'x-mcp-header': 'X' } } } }),
    ];
  }
  return [tool('read', { annotations: { readOnlyHint: true } }), tool('write')];
}

// What each mode does with a call of a tool; all others answer it.
const calls = {
  cut(req, res) {
    open(res);
    res.write(': here\n\n', () => res.destroy());
  },
  'cut-json'(req, res) {
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1000 });
    res.write('{"jsonrpc":', () => res.destroy());
  },
  breaks(req, res, { id, params }) {
    const token = params._meta.progressToken;
    const progress = { method: 'notifications/progress', params: { progressToken: token, progress: 1 } };
    rest.e1 = (again) => {
      again.write(event(progress, 'e2'));
      rest.e2 = (last) => last.end(event({ id, result: text('after two breaks') }, 'e3'));
      again.write('retry: 60\n\n', () => again.destroy());
    };
    open(res);
    res.write('id: e1\ndata: \n\n', () => res.destroy());
  },
  huge(req, res) {
    res.writeHead(200, { 'Content-Type': 'application/json' });
    flood(res, 'x'.repeat(1 << 20));
  },
  'huge-stream'(req, res) {
    open(res);
    res.write('data: {"jsonrpc":"2.0","id":99,"result":{"content":[{"type":"text","text":"');
    flood(res, 'x'.repeat(1 << 20));
  },
  never() {},
  silent(req, res) {
    open(res);
  },
  rubbish(req, res) {
    res.writeHead(200, { 'Content-Type': 'text/html' });
    res.end('<html><body>Welcome</body></html>');
  },
  'rubbish-stream'(req, res) {
    open(res);
    flood(res, 'data: no JSON\n\n'.repeat(100));
  },
  chatters(req, res) {
    open(res);
    const timer = setInterval(() => res.write(event({ method: 'notifications/message', params: {} })), 5);
    res.on('close', () => clearInterval(timer));
  },
  progress(req, res, { id, params }) {
    open(res);
    let progress = 0;
    const timer = setInterval(() => {
      const token = params._meta.progressToken;
      res.write(event({ method: 'notifications/progress', params: { progressToken: token, progress: (progress += 1) } }));
      if (progress === 3) {
        clearInterval(timer);
        res.write(event({ id, result: text('at last') })); // and it stays open
      }
    }, 1000);
  },
  changes(req, res, { id }) {
    open(res);
    res.write(event({ method: 'notifications/tools/list_changed' }));
    res.end(event({ id, result: text('changed') }));
  },
  asks(req, res, { id }) {
    open(res);
    owed.asks = { id, res, answers: [] };
    res.write(event({ id: 'a-1', method: 'elicitation/create', params: {} }));
    res.write(event({ id: 'a-2', method: 'ping' }));
  },
  taken(req, res) {
    res.writeHead(202);
    res.end();
  },
  busy(req, res) {
    json(res, 503, 'later');
  },
  // Each second session is over at its first call.
  forgets(req, res, body, mode) {
    if (sessions[mode].made % 2 === 0) {
      json(res, 200, message({ id: body.id, result: text('in a new session') }));
      return;
    }
    sessions[mode].clear();
    if (mode === 'forgets') {
      json(res, 404, 'no such session');
    } else {
      json(res, 400, message({ id: null, error: { code: -32000, message: 'Bad Request: No valid session ID provided' } }));
    }
  },
};
calls['forgets-400'] = calls.forgets;

const isModern = (mode) => mode === 'modern' || mode === 'parameters';

function modern(req, res, body, mode) {
  const { id, method, params } = body;
  const meta = params?._meta ?? {};
  const version = meta['io.modelcontextprotocol/protocolVersion'];
  const wrong =
    req.headers['mcp-protocol-version'] !== version || req.headers['mcp-method'] !== method || req.headers['mcp-session-id'] ||
    (method === 'tools/call' && req.headers['mcp-name'] !== params.name) ||
    (mode === 'parameters' && method === 'tools/call' && req.headers['mcp-param-region'] !== params.arguments.region);
  if (wrong) {
    json(res, 400, message({ id, error: { code: -32020, message: 'Header mismatch' } }));
  } else if (version !== '2026-07-28') {
    const data = { supported: ['2026-07-28'], requested: version };
    json(res, 400, message({ id, error: { code: -32022, message: 'Unsupported protocol version', data } }));
  } else if (method === 'server/discover') {
    json(res, 200, message({ id, result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } }));
  } else if (method === 'tools/list') {
    json(res, 200, message({ id, result: { resultType: 'complete', tools: tools(mode) } }));
  } else if (method === 'tools/call') {
    if (params.arguments.text === 'wait') {
      open(res);
      res.on('close', () => asked[mode].push('closed'));
      return;
    }
    json(res, 200, message({ id, result: { resultType: 'complete', ...text(`${params.name} got it`) } }));
  } else {
    json(res, 404, message({ id, error: { code: -32601, message: 'Method not found' } }));
  }
}

function legacy(req, res, body, mode) {
  const { id, method } = body;
  const session = req.headers['mcp-session-id'];
  if (method === 'initialize') {
    const made = `${mode}-${next++}`;
    sessions[mode] ??= new Set();
    sessions[mode].add(made);
    sessions[mode].made = (sessions[mode].made ?? 0) + 1;
    const result = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'fake' } };
    json(res, 200, message({ id, result }), { 'Mcp-Session-Id': made });
  } else if (!session && mode === 'agrees') {
    json(res, 200, message({ id, result: {} })); // whatever it is asked
  } else if (!session) {
    json(res, 400, message({ id: null, error: { code: -32000, message: 'Bad Request: Server not initialized' } }));
  } else if (!sessions[mode]?.has(session) || req.headers['mcp-protocol-version'] !== '2025-11-25') {
    json(res, 404, 'no such session');
  } else if (id === undefined || method === undefined) {
    const wait = owed[mode];
    if (method === undefined && wait) {
      wait.answers.push(body);
      if (wait.answers.length === 2) {
        const [first, second] = wait.answers;
        wait.res.end(event({ id: wait.id, result: text(`${first.error?.code} ${JSON.stringify(second.result)}`) }));
      }
    }
    res.writeHead(202);
    res.end();
  } else if (method === 'tools/list') {
    json(res, 200, message({ id, result: { tools: tools(mode) } }));
  } else if (calls[mode]) {
    calls[mode](req, res, body, mode);
  } else {
    json(res, 200, message({ id, result: text(`${body.params.name} got ${body.params.arguments.text ?? 'nothing'}`) }));
  }
}

function answer(req, res, mode, body) {
  if (mode === 'away' || mode === 'moved') {
    const to = mode === 'away' ? `http://localhost:${server.address().port}/plain` : '/plain';
    res.writeHead(mode === 'away' ? 308 : 307, { Location: to });
    res.end();
  } else if (mode === 'token' && req.headers.authorization !== 'Bearer canary-token-4711') {
    json(res, 401, 'no', { 'WWW-Authenticate': 'Bearer' });
  } else if (mode === 'oauth') {
    json(res, 401, 'no', { 'WWW-Authenticate': 'Bearer resource_metadata="http://127.0.0.1/x"' });
  } else if (mode === 'nothing') {
    json(res, 405, 'no');
  } else if (req.method === 'GET') {
    const more = rest[req.headers['last-event-id']];
    if (!more) return json(res, 405, 'no');
    open(res);
    more(res);
  } else if (req.method === 'DELETE') {
    sessions[mode]?.delete(req.headers['mcp-session-id']);
    res.writeHead(200);
    res.end();
  } else if (isModern(mode)) {
    modern(req, res, JSON.parse(body), mode);
  } else {
    legacy(req, res, JSON.parse(body), mode);
  }
}

const server = createServer((req, res) => {
  const [, first, second] = req.url.split('/');
  if (first === 'asked') {
    json(res, 200, (asked[second] ?? []).join('\n'));
    return;
  }
  let body = '';
  req.on('data', (piece) => (body += piece));
  req.on('end', () => {
    const { authorization } = req.headers;
    asked[first] ??= [];
    asked[first].push(`${req.method} ${authorization ?? ''} ${req.headers['mcp-session-id'] ?? ''} ${body}`);
    answer(req, res, first, body);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}/`));
