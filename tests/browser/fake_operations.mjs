// A stand-in for /api/v1 behind the console's screens for routing, budgets, operations, people and health: answers from memory,
// in the shapes of the contract. What it holds is plain data, so that a test changes it as it needs.
// `PORT=9000 node fake_operations.mjs` shows them, for work on the looks.

import { fileURLToPath } from 'node:url';
import { FakeConsole } from './fake_console.mjs';

const day = 86400000;
const iso = (ago = 0) => new Date(Date.now() - ago).toISOString();
const dayName = (ago) => iso(ago * day).slice(0, 10);
const rank = { viewer: 0, operator: 1, admin: 2 };

/** 50 bins with most turns at both ends, as p has them. */
export function sampleBins() {
  return Array.from({ length: 50 }, (_, i) => {
    const from = i / 50;
    const middle = from + 0.01;
    const n = Math.round(190 * Math.exp(-middle * 13) + 5 * Math.exp(-((middle - 0.5) ** 2) * 14) + 62 * Math.exp(-((1 - middle) ** 2) * 170));
    const mistakes = middle > 0.15 && middle < 0.9 ? Math.round(n * 0.22) : 0;
    return { from, to: (i + 1) / 50, answer: middle < 0.35 ? n : 0, ask: middle >= 0.35 && middle < 0.75 ? n : 0, dispatch: middle >= 0.75 ? n : 0, by_rule: 0, mistakes };
  });
}

const setting = (version, scope, at, reason, ago = 0) => ({ version, scope, ask_at: null, dispatch_at: null, prices: null, ...at, reason, by: 'ada', at: iso(ago) });

const sampleFigures = () => ({
  n: 4120, n_labelled: 412, needed_for_figures: 20, days: 30, per_model: [], auroc: 0.962, ece: 0.031, brier: 0.071,
  reliability: [0.03, 0.09, 0.18, 0.31, 0.44, 0.56, 0.69, 0.81, 0.92, 0.98].map((p, i) => ({ p_mean: p, share: Math.min(1, Math.max(0, p + [0.01, -0.02, 0.03, -0.04, 0.05, -0.03, 0.04, 0.02, -0.02, 0][i])), n: 41 })),
  roc: Array.from({ length: 21 }, (_, i) => ({ threshold: 1 - i / 20, fpr: (i / 20) ** 3, tpr: 1 - (1 - i / 20) ** 5 })),
  learning: [50, 100, 150, 200, 250, 300, 350, 412].map((n, i) => ({ n, ece: [0.091, 0.066, 0.057, 0.048, 0.043, 0.039, 0.034, 0.031][i], loss: [0.41, 0.36, 0.33, 0.31, 0.3, 0.29, 0.285, 0.28][i] })),
  drift: Array.from({ length: 14 }, (_, i) => ({ day: dayName(13 - i), n: 60 + ((i * 17) % 40), p_mean: 0.22 + ((i * 7) % 5) / 100, psi: [0.03, 0.05, 0.04, 0.06, 0.04, 0.07, 0.05, 0.08, 0.1, 0.07, 0.09, 0.14, 0.19, 0.24][i] })),
});

const sampleOverview = () => ({
  version: '0.9.0', demo: false, model: 'claude-haiku-4-5', uptime_s: 3 * 86400,
  queues: [{ kind: 'turn', depth: 2, oldest_s: 1.4 }, { kind: 'dispatch', depth: 3, oldest_s: 95 }, { kind: 'deliver', depth: 0, oldest_s: null }],
  running: [
    { dispatch: 'd-118', project: 'task-api', chat: 'team:C42', person: 'team:U7', started: iso(192000), step: 'Edit app.py', usd: 0.41, waiting_for: null },
    { dispatch: 'd-119', project: 'invoice-import', chat: 'tg:-100123', person: 'tg:12345678', started: iso(61000), step: 'Bash: pip install pandas', usd: null, waiting_for: 'an approval' },
  ],
  waiting: [{ dispatch: 'd-120', project: 'db-report', since: iso(95000), reason: null }],
  inbox: { questions: 1, approvals: 1, uncertain: 1, pairing: 1, suspects: 0, tools: 1, uncertain_tools: 1 },
  today: { turns: 184, answered: 141, asked: 17, dispatched: 24, failed: 2, usd: 7.83, p50_answer_s: 1.9, p95_answer_s: 6.2 },
});

const sampleInbox = () => [
  { kind: 'approval', id: '31', at: iso(61000), until: iso(-540000), chat: 'tg:-100123', person: 'tg:12345678', name: 'Ada Lindqvist', dispatch: 'd-119', project: 'invoice-import', title: 'A specialist asks for permission', detail: 'pip install pandas openpyxl',
    actions: [{ id: 'allow_once', label: 'Allow once', style: 'primary', needs_text: false }, { id: 'allow_task', label: 'Allow for this task', style: 'plain', needs_text: false }, { id: 'deny', label: 'Deny', style: 'danger', needs_text: false }] },
  { kind: 'approval', id: '32', at: iso(30000), until: iso(-570000), chat: 'team:C42', person: 'team:U7', name: 'Ben Okafor', dispatch: 'd-118', project: 'task-api', title: 'A specialist proposes a plan', detail: '1. Add SQLite storage\n2. Move the tests',
    actions: [{ id: 'go', label: 'Go', style: 'primary', needs_text: false }, { id: 'change', label: 'Change', style: 'plain', needs_text: true }, { id: 'stop', label: 'Stop', style: 'danger', needs_text: false }] },
  { kind: 'question', id: '87', at: iso(240000), chat: 'team:C42', person: 'team:U9', name: 'Chen Wei', dispatch: null, project: 'db-report', title: 'The secretary asked whether a specialist should do it', detail: 'Compare SQLite and PostgreSQL for a small web shop and write me a report',
    actions: [{ id: 'yes', label: 'Yes', style: 'primary', needs_text: false }, { id: 'no', label: 'No', style: 'plain', needs_text: false }] },
  { kind: 'tool', id: '7', at: iso(50000), until: iso(-550000), chat: 'tg:12345678', person: 'tg:12345678', name: 'Ada Lindqvist', dispatch: null, project: null, tool: 'calendar/delete-event', title: 'The secretary asked whether to call delete-event of calendar', detail: 'id: standup-4711',
    actions: [{ id: 'no', label: 'No', style: 'danger', needs_text: true }] },
  { kind: 'uncertain_call', id: '5', at: iso(900000), chat: 'tg:12345678', person: 'tg:12345678', name: 'Ada Lindqvist', dispatch: null, project: null, tool: 'mail/send_email', title: 'Nobody can tell whether send_email of mail was done', detail: 'to: dana@example.org\nsubject: Minutes\nThe program ended meanwhile.',
    actions: [{ id: 'done', label: 'Put away', style: 'plain', needs_text: false }] },
];

export class FakeOperations {
  /** Result: the console's stand-in, with one of these behind it as `operations`. */
  static async start(port = 0) {
    const fake = await FakeConsole.start(port);
    FakeOperations.attach(fake);
    return fake;
  }

  static attach(fake) {
    fake.operations = new FakeOperations(fake);
    fake.others.push((call) => fake.operations.handle(call));
  }

  constructor(fake) {
    this.fake = fake;
  }

  /** Every request, in order: {method, path, query, body}. */
  requests = [];
  bins = sampleBins();
  routing = {
    ask_at: 0.35, ask_at_from: 'default', dispatch_at: 0.75, dispatch_at_from: 'default', prices: null, max_under_dispatch: null, target_dispatch_rate: null, shadow: false,
    file: { ask_at: 0.35, ask_at_from: 'default', dispatch_at: 0.75, dispatch_at_from: 'default' }, console: null, calibration: 'v7', version: 4, warnings: [],
    overrides: [
      { scope: 'chat tg:-100123', ask_at: null, ask_at_from: null, dispatch_at: 0.9, dispatch_at_from: 'chat', console: null },
      { scope: 'user team:U7', ask_at: 0.5, ask_at_from: 'console', dispatch_at: 0.8, dispatch_at_from: 'console', console: setting(4, 'user team:U7', { ask_at: 0.5, dispatch_at: 0.8 }, 'Ben types fast and means less', 2 * day) },
    ],
  };
  history = [setting(4, 'user team:U7', { ask_at: 0.5, dispatch_at: 0.8 }, 'Ben types fast and means less', 2 * day)];
  figures = sampleFigures();
  settings = [
    { name: 'routing.ask_at', value: 0.35, from: 'default', layers: [{ from: 'default', scope: 'global', value: 0.35 }] },
    { name: 'routing.dispatch_at', value: 0.9, from: 'chat', layers: [{ from: 'chat', scope: 'chat tg:-100123', value: 0.9 }, { from: 'default', scope: 'global', value: 0.75 }] },
    { name: 'budget.usd_per_day', value: 5, from: 'chat', layers: [{ from: 'chat', scope: 'chat tg:-100123', value: 5 }, { from: 'global', scope: 'global', value: 20 }] },
  ];
  tried = {
    p: 0.91, action: 'dispatch', ask_at: 0.35, ask_at_from: 'default', dispatch_at: 0.75, dispatch_at_from: 'default', rule: null, calibration: 'v7',
    features: [{ name: 'build', weight: 1.62 }, { name: 'rest api', weight: 1.18 }, { name: 'in python', weight: 0.44 }, { name: 'me a', weight: -0.21 }],
    assumed: 'the secretary proposes it', why: ['p is 0.91, and from 0.75 on the specialist starts.'],
  };
  budgets = {
    timezone: 'Europe/Zurich', run_limit: 2, most_of_a_kind: 50, stops_secretary: true, limits: [
      { scope: 'global', kind: 'global', name: '', today: 7.83, today_limit: 20, month: 164.2, month_limit: 300 },
      { scope: 'user team:U7', kind: 'person', name: 'Ben Okafor', today: 4.41, today_limit: 5, month: 61.3, month_limit: null },
      { scope: 'user tg:12345678', kind: 'person', name: 'Ada Lindqvist', today: 1.9, today_limit: 5, month: 44.75, month_limit: null },
      { scope: 'user team:U9', kind: 'person', name: 'Chen Wei', today: 0.02, today_limit: 5, month: 8.1, month_limit: null },
      { scope: 'chat tg:-100123', kind: 'chat', name: 'Accounting', today: 5, today_limit: 5, month: 71.2, month_limit: null },
      { scope: 'chat team:C42', kind: 'chat', name: '#backend', today: 2.6, today_limit: null, month: 90.4, month_limit: null },
      { scope: 'project task-api', kind: 'project', name: 'task-api', today: 2.2, today_limit: null, month: 38.6, month_limit: null },
      { scope: 'project invoice-import', kind: 'project', name: 'invoice-import', today: 3.3, today_limit: null, month: 29.9, month_limit: null },
    ],
  };
  savings = {
    model: 'claude-haiku-4-5', specialist_model: 'claude-opus-4-5', total: { actual: 164.2, all_strong: 611.4, saved: 447.2, turns: 4120, dispatched: 402, unpriced_calls: 0, unpriced_models: [] },
    days: Array.from({ length: 30 }, (_, i) => ({ day: dayName(29 - i), actual: 4 + ((i * 13) % 7) * 0.5, all_strong: 17 + ((i * 11) % 9), saved: 13 + ((i * 5) % 6), turns: 120 + ((i * 31) % 60), dispatched: 9 + ((i * 3) % 8) })),
  };
  overview = sampleOverview();
  inbox = sampleInbox();
  platforms = [
    { section: 'tg', platform: 'telegram', enabled: true, last_event: iso(42000), last_error: { at: iso(3600000), text: '429 Too Many Requests: retry after 3' }, delivered: 1841, failed: 0, waiting: 0, uncertain: 1, circuit: null },
    { section: 'team', platform: 'slack', enabled: true, last_event: iso(9000), last_error: null, delivered: 2210, failed: 0, waiting: 0, uncertain: 0, circuit: null },
    { section: 'ops', platform: 'webhook', enabled: true, last_event: iso(7 * 3600000), last_error: { at: iso(120000), text: 'connection refused by ops.example.org' }, delivered: 310, failed: 4, waiting: 4, uncertain: 0, circuit: null },
  ];
  deliveries = [{ id: 'msg_512.1', at: iso(1500000), section: 'tg', chat: 'tg:-100123', kind: 'message', part: 1, state: 'uncertain', error: null, text: 'The import is ready: 214 invoices, 3 of them without a number.' }];
  people = [
    { person: 'team:U7', name: 'Ben Okafor', role: 'user', role_from: null, admitted: true, admitted_from: 'pairing', keys: [], places: [], erased_at: null, blocked: false, first_seen: iso(60 * day), last_seen: iso(9000), messages: 1204, usd_month: 61.3 },
    { person: 'tg:12345678', name: 'Ada Lindqvist', role: 'admin', role_from: 'file', admitted_from: 'file', keys: ['chat.tg.admins'], places: [], erased_at: null, admitted: true, blocked: false, first_seen: iso(90 * day), last_seen: iso(42000), messages: 2310, usd_month: 44.75 },
    { person: 'tg:555', name: '', role: 'user', role_from: null, admitted: false, admitted_from: null, keys: [], places: [], erased_at: null, blocked: true, first_seen: iso(4 * day), last_seen: iso(3 * day), messages: 3, usd_month: 0 },
  ];
  pairing = [{ id: 3, person: 'tg:98765', name: 'Dana Novak', place: '', at: iso(180000), expires: iso(-3420000) }];
  health = {
    at: iso(300000), running: false, disk: { free_bytes: 41e9, bytes: 120e9 }, database: { bytes: 812e6, wal_bytes: 4.1e6, backlog: 2 },
    checks: [
      { name: 'configuration', group: 'configuration', status: 'ok', sentence: '/etc/frontdesk/frontdesk.toml is right.' },
      { name: 'database', group: 'database', status: 'ok', sentence: '/var/lib/frontdesk/frontdesk.db, writable.' },
      { name: 'data folder', group: 'disk', status: 'ok', sentence: '41 GB free.' },
      { name: 'sandbox', group: 'sandbox', status: 'ok', sentence: 'bwrap works.' },
      { name: 'claude', group: 'specialist', status: 'ok', sentence: 'Claude Code 2.1.9 answers.' },
      { name: 'tg', group: 'platforms', status: 'ok', sentence: 'Telegram knows the bot as @frontdesk_bot.' },
      { name: 'ops', group: 'platforms', status: 'fail', sentence: 'ops.example.org refuses the connection.' },
      { name: 'claude-haiku-4-5', group: 'models', status: 'ok', sentence: 'api.anthropic.com answers in 0.4 s.' },
      { name: 'fallback qwen3', group: 'models', status: 'warn', sentence: 'The price per token is not set, so its cost is not known.' },
    ],
  };
  sessions = [
    { id: 1, name: 'ada', role: 'admin', since: iso(3600000), last_seen: iso(2000), address: '127.0.0.1', own: true },
    { id: 2, name: 'viewer', role: 'viewer', since: iso(9 * 3600000), last_seen: iso(1800000), address: '10.0.0.7', own: false },
    { id: 3, name: 'ada', role: 'admin', since: iso(30 * 3600000), last_seen: iso(86400000), address: '10.0.0.8', own: false },
  ];
  #refusals = [];
  #delays = [];

  /** GETs of this path are answered with 500 and this sentence until the path is taken out again. */
  broken = new Map();

  /** The next `method` of a path that begins with `path` is answered with this status and sentence. */
  refuseNext(method, path, status, error) {
    this.#refusals.push({ method, path, status, error });
  }

  /** The answer to the next `method` of a path that begins with `path` is made at once and sent late. Result: a function that sends it. */
  delayNext(method, path) {
    let release;
    this.#delays.push({ method, path, until: new Promise((resolve) => (release = resolve)) });
    return release;
  }

  /** The bodies of the requests with that method and path, in order. */
  sent(method, path) {
    return this.requests.filter((request) => request.method === method && request.path === path).map((request) => request.body);
  }

  /** Result: [status, value]; undefined for what belongs to others. */
  async handle({ method, path, query, body }) {
    const found = routes.find(([verb, pattern]) => verb === method && pattern.test(path));
    if (!found) return undefined;
    const [, pattern, least, answer] = found;
    this.requests.push({ method, path, query, body });
    const take = (list) => {
      const index = list.findIndex((item) => item.method === method && path.startsWith(item.path));
      return index < 0 ? undefined : list.splice(index, 1)[0];
    };
    const delay = take(this.#delays);
    const refusal = take(this.#refusals);
    const { role } = this.fake.me;
    const result = rank[role] < rank[least] ? refuse(403, `The role ${role} may not do this.`)
      : method === 'GET' && this.broken.has(path) ? refuse(500, this.broken.get(path)) : refusal ? refuse(refusal.status, refusal.error) : answer(this, query, body, pattern.exec(path)?.slice(1).map(decodeURIComponent));
    const sent = structuredClone(result);
    await delay?.until;
    return sent;
  }
}

const ok = (body) => [200, body];
const done = [204];
const refuse = (status, error) => [status, { error }];
const list = (items) => ok({ items, next: null });

/** The same arithmetic as the server's, on the bins: good enough to see that the page shows what it is told. */
function project(fake, query) {
  const [ask, dispatch] = [Number(query.ask_at), Number(query.dispatch_at)];
  const size = (bin) => bin.answer + bin.ask + bin.dispatch;
  const n = fake.bins.reduce((sum, bin) => sum + size(bin), 0);
  const share = (low, high) => fake.bins.filter((bin) => bin.from + 0.01 >= low && bin.from + 0.01 < high).reduce((sum, bin) => sum + size(bin), 0) / (n || 1);
  const result = { n, answer: share(0, ask), ask: share(ask, dispatch), dispatch: share(dispatch, 2) };
  const known_mistakes = fake.bins.filter((bin) => bin.from < ask || bin.from > dispatch).reduce((sum, bin) => sum + bin.mistakes, 0);
  return { ...result, usd: Math.round((result.dispatch * n * 0.38 + result.ask * n * 0.19 + n * 0.002) * 100) / 100, known_mistakes };
}

function putRouting(fake, { scope, ask_at = null, dispatch_at = null, prices = null, reason = '', version }) {
  const { routing } = fake;
  if (version !== routing.version) return refuse(409, 'The routing was changed meanwhile.');
  routing.version += 1;
  const stored = setting(routing.version, scope, { ask_at, dispatch_at, prices }, reason);
  fake.history.unshift(stored);
  const at = prices ? { ask_at: prices.question / prices.missed_dispatch, dispatch_at: 1 - prices.question / prices.needless_dispatch } : { ask_at, dispatch_at };
  const from = { ask_at_from: 'console', dispatch_at_from: 'console', console: stored };
  if (scope === 'global') Object.assign(routing, at, from, { prices });
  else routing.overrides = [...routing.overrides.filter((one) => one.scope !== scope), { scope, ...at, ...from }];
  return ok(routing);
}

function dropRouting(fake, { scope, version, reason = '' }) {
  const { routing } = fake;
  if (Number(version) !== routing.version) return refuse(409, 'The routing was changed meanwhile.');
  routing.version += 1;
  if (scope === 'global') Object.assign(routing, routing.file, { prices: null, console: null });
  routing.overrides = routing.overrides.filter((one) => one.scope !== scope);
  fake.history.unshift(setting(routing.version, scope, {}, reason));
  return ok(routing);
}

function settleInbox(fake, [kind, id]) {
  if (!fake.inbox.some((item) => item.kind === kind && item.id === id)) return refuse(409, 'Somebody has settled this already.');
  fake.inbox = fake.inbox.filter((item) => item.kind !== kind || item.id !== id);
  return done;
}

function settleDelivery(fake, id, state) {
  const delivery = fake.deliveries.find((one) => String(one.id) === id);
  if (!delivery) return refuse(404, 'There is no such delivery.');
  delivery.state = state;
  return done;
}

function settlePairing(fake, person, { admit }) {
  const request = fake.pairing.find((one) => one.person === person);
  if (!request) return refuse(404, 'There is no such request.');
  fake.pairing = fake.pairing.filter((one) => one !== request);
  if (admit) fake.people.push({ person, name: request.name, role: 'user', role_from: null, admitted: true, admitted_from: 'pairing', keys: [], places: [], erased_at: null, blocked: false, first_seen: request.at, last_seen: request.at, messages: 1, usd_month: 0 });
  return done;
}

function changePerson(fake, id, body) {
  const person = fake.people.find((one) => one.person === id);
  return person ? ok(Object.assign(person, body)) : refuse(404, 'There is no such person.');
}

function erasePerson(fake, id, { confirm }) {
  if (confirm !== id) return refuse(400, 'The confirmation names somebody else.');
  fake.people = fake.people.filter((one) => one.person !== id);
  return ok({ messages: 12, notes: 1, reminders: 0 });
}

const routes = [
  ['GET', /^\/routing$/, 'viewer', (fake) => ok(fake.routing)],
  ['PUT', /^\/routing$/, 'operator', (fake, _query, body) => putRouting(fake, body)],
  ['DELETE', /^\/routing$/, 'operator', (fake, query) => dropRouting(fake, query)],
  ['GET', /^\/routing\/projection$/, 'viewer', (fake, query) => ok(project(fake, query))],
  ['GET', /^\/routing\/history$/, 'viewer', (fake) => list(fake.history)],
  ['GET', /^\/routing\/distribution$/, 'viewer', (fake, query) => ok({ n: fake.bins.reduce((sum, bin) => sum + bin.answer + bin.ask + bin.dispatch, 0), bins: fake.bins, days: Number(query.days) })],
  ['GET', /^\/routing\/figures$/, 'viewer', (fake) => ok(fake.figures)],
  ['GET', /^\/routing\/effective$/, 'viewer', (fake) => ok({ settings: fake.settings })],
  ['POST', /^\/routing\/try$/, 'viewer', (fake) => ok(fake.tried)],
  ['GET', /^\/budgets$/, 'viewer', (fake) => ok(fake.budgets)],
  ['GET', /^\/savings$/, 'viewer', (fake) => ok(fake.savings)],
  ['GET', /^\/summary$/, 'viewer', (fake) => ok({ items: fake.budgets.limits.filter((limit) => limit.kind === 'chat').map(({ scope, name }) => ({ key: scope.slice(5), name })), total: null })],
  ['GET', /^\/overview$/, 'viewer', (fake) => ok(fake.overview)],
  ['GET', /^\/inbox$/, 'viewer', (fake) => list(fake.inbox)],
  ['POST', /^\/inbox\/(approval|tool|uncertain_call)\/([^/]+)$/, 'admin', (fake, _query, _body, ids) => settleInbox(fake, ids)],
  ['POST', /^\/inbox\/([^/]+)\/([^/]+)$/, 'operator', (fake, _query, _body, ids) => settleInbox(fake, ids)],
  ['GET', /^\/platforms$/, 'viewer', (fake) => list(fake.platforms)],
  ['GET', /^\/deliveries$/, 'viewer', (fake, query) => list(fake.deliveries.filter((one) => (query.state ? one.state === query.state : ['uncertain', 'doubled', 'dead'].includes(one.state))))],
  ['POST', /^\/deliveries\/([^/]+)\/arrived$/, 'admin', (fake, _query, _body, [id]) => settleDelivery(fake, id, 'delivered')],
  ['POST', /^\/deliveries\/([^/]+)\/put_away$/, 'admin', (fake, _query, _body, [id]) => { fake.deliveries = fake.deliveries.filter((one) => one.id !== id); return done; }],
  ['POST', /^\/deliveries\/([^/]+)\/send_again$/, 'admin', (fake, _query, _body, [id]) => settleDelivery(fake, id, 'ready')],
  ['GET', /^\/people$/, 'viewer', (fake, query) => list(fake.people.filter((one) => `${one.name} ${one.person}`.toLowerCase().includes((query.q ?? '').toLowerCase())))],
  ['PUT', /^\/people\/([^/]+)$/, 'admin', (fake, _query, body, [id]) => changePerson(fake, id, body)],
  ['POST', /^\/people\/([^/]+)\/erase$/, 'admin', (fake, _query, body, [id]) => erasePerson(fake, id, body)],
  ['GET', /^\/pairing$/, 'viewer', (fake) => list(fake.pairing)],
  ['POST', /^\/pairing\/([^/]+)$/, 'admin', (fake, _query, body, [id]) => settlePairing(fake, id, body)],
  ['GET', /^\/health$/, 'viewer', (fake) => ok(fake.health)],
  ['POST', /^\/health\/check$/, 'operator', (fake) => { fake.health.running = true; fake.health.checks.forEach((check) => { check.status = 'running'; }); return [202, fake.health]; }],
  ['GET', /^\/me\/sessions$/, 'viewer', (fake) => list(fake.sessions.filter(({ name }) => name === 'ada'))],
  ['DELETE', /^\/me\/sessions$/, 'viewer', (fake) => { fake.sessions = fake.sessions.filter((one) => one.name !== 'ada' || one.own); return done; }],
  ['GET', /^\/sessions$/, 'admin', (fake) => list(fake.sessions)],
  ['DELETE', /^\/sessions\/([^/]+)$/, 'admin', (fake, _query, _body, [id]) => { fake.sessions = fake.sessions.filter((one) => String(one.id) !== id); return done; }],
];

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await FakeOperations.start(Number(process.env.PORT ?? 0))).url);
