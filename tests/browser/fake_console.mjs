// A stand-in for the program behind the console: speaks /api/v1 from memory and can be told to misbehave. Serves the assets as they lie
// in bot/web/assets, with the program's content security policy. `PORT=9000 node fake_console.mjs` shows it, for work on the looks.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { decision, detail } from './console_fixtures.mjs';

const web = new URL('../../bot/web/assets/', import.meta.url);
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml', html: 'text/html; charset=utf-8' };
const kToken = 'a-token-of-the-session';
const kOrder = ['viewer', 'operator', 'admin'];

export class FakeConsole {
  #server;
  #streams = new Set();
  me = { name: 'ada', role: 'admin', chat: true, version: '0.1.0', demo: false };
  items = Array.from({ length: 140 }, (_, index) => decision(index + 1));
  judged = new Map();
  review = [];
  changes = [];
  /** Of the API: {method, path, query, body}. */
  requests = [];
  /** "GET /path" to (request) => [status, value]; wins over what is here. */
  routes = new Map();
  /** Asked first with each request: [status, value], or undefined for what they do not know. They may take their time. */
  others = [];
  down = false;

  static async start(port = 0) {
    const fake = new FakeConsole();
    await fake.listen(port);
    return fake;
  }

  async listen(port = 0) {
    this.#server = createServer((request, response) => this.#answer(request, response).catch((error) => {
      response.writeHead(500).end(JSON.stringify({ error: String(error.stack) }));
    }));
    await new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}/admin`;
  }

  /** As if it had just been started, at the same address. */
  reset() {
    const { url } = this;
    for (const name of Object.keys(this)) delete this[name];
    Object.assign(this, new FakeConsole(), { url });
  }

  async stop() {
    this.cutStreams();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  cutStreams() {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  openStreams() {
    return this.#streams.size;
  }

  send(event) {
    for (const stream of this.#streams) stream.write(`data: ${JSON.stringify(event)}\n\n`);
  }

  /** What the program says to each stream every ten seconds. */
  alive() {
    for (const stream of this.#streams) stream.write('event: alive\ndata: {}\n\n');
  }

  /** What the program does to those of a person that are too many. */
  endStreams() {
    for (const stream of this.#streams) stream.end('event: ended\ndata: {}\n\n');
    this.#streams.clear();
  }

  /** A new decision, told to the open pages. */
  decide(changes = {}) {
    const item = decision(this.items.length + 1, { at: new Date().toISOString(), ...changes });
    this.items.push(item);
    this.send({ type: 'decision', id: item.id });
    return item;
  }

  count(path) {
    return this.requests.filter((request) => request.path === path).length;
  }

  bodies(path) {
    return this.requests.filter((request) => request.path === path && request.method !== 'GET').map((request) => request.body);
  }

  async #answer(request, response) {
    const { pathname: path, searchParams: query } = new URL(request.url, 'http://fake');
    if (this.down) return request.socket.destroy();
    response.setHeader('content-security-policy', policy);
    response.setHeader('x-content-type-options', 'nosniff');
    if (path === '/admin' || path.startsWith('/admin/')) return this.#sendPage(response);
    const asset = /^\/assets\/(\w+\.(css|js|svg))$/.exec(path);
    if (asset) return response.writeHead(200, { 'content-type': types[asset[2]], 'cache-control': 'max-age=600' }).end(await readFile(new URL(asset[1], web)));
    const text = await readBody(request);
    const body = text ? JSON.parse(text) : undefined;
    const call = { method: request.method, path: path.replace(/^\/api\/v1/, ''), query: Object.fromEntries(query), body };
    if (call.path === '/events') return this.#openStream(request, response);
    this.requests.push(call);
    const [status, value] = request.method !== 'GET' && request.headers['x-csrf-token'] !== kToken
      ? [403, { error: 'The request comes from another site.' }] : await this.#askOthers(call) ?? this.answerOf(call);
    response.writeHead(status, { 'content-type': 'application/json' }).end(value === undefined ? '' : JSON.stringify(value));
  }

  async #askOthers(call) {
    for (const other of this.others) {
      const answer = await other(call);
      if (answer) return answer;
    }
    return undefined;
  }

  /** Result: status and value. */
  answerOf(call) {
    const own = this.routes.get(`${call.method} ${call.path}`);
    if (own) return own(call);
    const [, first = '', id = '', what = ''] = call.path.split('/');
    if (call.method !== 'GET') return this.#change(call, first, id, what);
    const routes = {
      me: () => this.me, decisions: () => (id ? this.#detail(id) : this.#list(call.query)), review: () => this.#reviewList(), overview: () => this.overview(),
      summary: () => this.#summary(call.query.by), approvals: () => this.#approvals(), search: () => this.#search(call.query.q ?? ''),
      chain: () => ({ rows: 4211, head: '9f2c47d1a0b3', ok: true, checked_at: new Date().toISOString(), first_bad: null }),
      changes: () => ({ items: this.changes, next: null }),
    };
    const value = routes[first]?.();
    return value ? [200, value] : [404, { error: 'There is nothing at this address.' }];
  }

  #change(call, first, id, what) {
    const least = 'operator';
    if (kOrder.indexOf(this.me.role) < kOrder.indexOf(least)) return [403, { error: 'Your role may not do this.' }];
    if (first === 'chain') return [200, { rows: 4211, head: '9f2c47d1a0b3', ok: null, checked_at: null, first_bad: null }];
    if (first === 'logout') return [204];
    const item = this.items.find((candidate) => String(candidate.id) === id);
    if (!item) return [404, { error: 'There is no such decision.' }];
    if (what === 'verdict' && call.method === 'DELETE') {
      if (!this.judged.delete(item.id)) return [404, { error: 'No verdict of an operator is there to take back.' }];
      item.verdict = null;
      this.send({ type: 'review' });
      return [200, { verdicts: [] }];
    }
    if (what === 'verdict') {
      item.verdict = call.body.verdict;
      this.judged.set(item.id, call.body);
      this.send({ type: 'review' });
      return [200, { verdicts: [{ at: new Date().toISOString(), verdict: item.verdict, by: this.me.name, source: 'reviewer', note: call.body.note ?? '' }] }];
    }
    return ['rerun', 'continue', 'cancel'].includes(what) ? [200, { dispatch: 'd-900' }] : [404, { error: 'There is nothing at this address.' }];
  }

  #list({ limit = 50, cursor, sort = '-at', ...filters }) {
    const key = { at: (item) => item.at, p: (item) => item.p, usd: (item) => item.usd }[sort.replace('-', '')];
    const fits = (item) => ['outcome', 'action', 'person', 'chat', 'project', 'cause'].every((name) => !filters[name] || item[name] === filters[name])
      && (!filters.q || item.text.toLowerCase().includes(filters.q.toLowerCase())) && (!filters.from || item.at >= filters.from) && (!filters.to || item.at < filters.to)
      && (!filters.usd_min || item.usd >= Number(filters.usd_min)) && (!filters.p_min || item.p >= Number(filters.p_min));
    const sign = sort.startsWith('-') ? -1 : 1;
    const all = this.items.filter(fits).sort((a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id));
    const start = Number(cursor ?? 0);
    const end = start + Number(limit);
    return { items: all.slice(start, end), next: end < all.length ? String(end) : null };
  }

  #detail(id) {
    const item = this.items.find((candidate) => String(candidate.id) === id || candidate.dispatch === id);
    return item && detail(item);
  }

  #reviewList() {
    const open = this.review.filter((item) => !this.judged.has(item.id));
    return { items: open.slice(0, 50), next: null, total: this.review.length, judged: this.judged.size, remaining: open.length };
  }

  #summary(by) {
    const groups = new Map();
    for (const item of this.items) {
      const [key, name] = { person: [item.person, item.name], chat: [item.chat, item.chat_name ?? item.chat], project: [item.project, item.project], day: [item.at.slice(0, 10), item.at.slice(0, 10)] }[by];
      if (!key) continue;
      const sum = groups.get(key) ?? { key, name, turns: 0, answered: 0, asked: 0, dispatched: 0, failed: 0, usd: 0 };
      sum.turns += 1;
      sum[{ answer: 'answered', ask: 'asked', dispatch: 'dispatched' }[item.action]] += 1;
      sum.failed += ['failed', 'error'].includes(item.outcome) ? 1 : 0;
      sum.usd += item.usd;
      groups.set(key, sum);
    }
    const items = [...groups.values()];
    const total = Object.fromEntries(['turns', 'answered', 'asked', 'dispatched', 'failed', 'usd'].map((name) => [name, items.reduce((sum, item) => sum + item[name], 0)]));
    return { items, total };
  }

  #approvals() {
    const items = this.items.filter((item) => item.dispatch).slice(-8).map((item) => ({ at: item.at, decision: item.id, dispatch: item.dispatch, kind: 'permission', tool: 'Bash',
      detail: 'pip install flask', state: 'allowed', by: 'web:ada', settled: item.at, comment: '', allowed_instead: null, detail_html: '<pre><code>pip install flask</code></pre>' }));
    return { items, next: null };
  }

  #search(q) {
    return { items: this.items.filter((item) => item.text.includes(q)).slice(0, 20).map((item) => ({ decision: item.id, at: item.at, where: 'message', excerpt: item.text })), next: null };
  }

  overview() {
    return {
      version: '0.1.0', demo: this.me.demo, model: 'claude-haiku-4-5', uptime_s: 86400, queues: [{ kind: 'turn', depth: 0, oldest_s: null }], running: [], waiting: [],
      inbox: { questions: 1, approvals: 2, uncertain: 1, pairing: 1, suspects: 0 },
      today: { turns: 84, answered: 61, asked: 9, dispatched: 14, failed: 1, usd: 3.12, p50_answer_s: 1.4, p95_answer_s: 4.8 },
    };
  }

  #openStream(request, response) {
    this.#streams.add(response);
    request.on('close', () => this.#streams.delete(response));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
  }

  async #sendPage(response) {
    const page = await readFile(new URL('admin.html', web), 'utf8');
    response.writeHead(200, { 'content-type': types.html, 'cache-control': 'no-store' }).end(page.replace('</head>', `  <meta name="csrf-token" content="${kToken}">\n</head>`));
  }
}

async function readBody(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fake = await FakeConsole.start(Number(process.env.PORT ?? 0));
  fake.review = fake.items.slice(-50).map((item, index) => ({ ...item, why: [['near_threshold'], ['expensive', 'repaired'], ['random']][index % 3] }));
  console.log(fake.url);
}
