// A stand-in for the program behind the chat page: speaks the page's API from memory and can be told to misbehave.
// Serves the assets as they lie in bot/web/assets, with the same content security policy as the program.
// `node fake_server.mjs` shows a sample conversation, for work on the page's looks.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const web = new URL('../../bot/web/assets/', import.meta.url);
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/login': ['login.html', 'text/html; charset=utf-8'],
  '/token': ['token.html', 'text/html; charset=utf-8'],
};
const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' };
const pageSize = 50;

export class FakeServer {
  #server;
  #streams = new Set();
  #nextId;
  #refusals;
  #delays;

  constructor() {
    this.reset();
  }

  static async start(port = 0) {
    const fake = new FakeServer();
    await fake.listen(port);
    return fake;
  }

  async listen(port = 0) {
    this.#server = createServer((request, response) => this.#answer(request, response).catch((error) => {
      response.writeHead(500).end(JSON.stringify({ error: String(error) }));
    }));
    await new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}/`;
  }

  /** As if it had just been made; only the open streams stay. */
  reset() {
    this.#nextId = 1;
    this.#refusals = [];
    this.#delays = [];
    Object.assign(this, {
      chats: new Map(), titles: new Map(), reminders: new Map(), demo: true, projects: [], waiting: [], uploads: [], thinking: false, sessionGone: false,
      examples: [
        { label: 'Build an API', text: 'build me a small REST API for tasks in Python' },
        { label: 'Ask the time', text: 'what time is it in Tokyo?' },
      ],
      commands: [{ name: '/status', usage: '/status', about: 'what is running' }, { name: '/dispatch', usage: '/dispatch TEXT', about: 'give TEXT to the specialist' }],
      /** What /api/search finds, and the files by "d-1/path": {type, body}. */
      hits: [], files: new Map(),
      maxFile: 20 << 20,
      /** How far its clock is ahead of the page's. */
      aheadMs: 0,
      /** Every request to the API, in order: {method, path, query, body}. */
      requests: [],
    });
  }

  async stop() {
    this.cutStreams();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Stores a message without telling the open pages. Result: the message as the API gives it. */
  store(message, chat = 'main') {
    const full = {
      id: this.#nextId++, author: 'assistant', text: '', html: '', time: Date.now(), edited: null, actions: [], dispatch: null, ...message,
    };
    if (full.author === 'assistant' && !full.html) full.html = `<p>${full.text}</p>`;
    this.messages(chat).push(full);
    return full;
  }

  /** Stores a message and sends it to the open pages. */
  say(message, chat = 'main') {
    const stored = this.store(message, chat);
    this.send({ type: 'message', message: stored }, chat);
    return stored;
  }

  /** Changes a stored message and sends it to the open pages. */
  edit(message, changes, chat = 'main') {
    Object.assign(message, changes, { edited: Date.now() });
    this.send({ type: 'message', message }, chat);
  }

  send(event, chat = 'main') {
    this.sendLines(`data: ${JSON.stringify({ chat, ...event })}`);
  }

  /** An event as it is on the wire. */
  sendLines(lines) {
    for (const stream of this.#streams) stream.response.write(`${lines}\n\n`);
  }

  messages(chat = 'main') {
    if (!this.chats.has(chat)) this.chats.set(chat, []);
    return this.chats.get(chat);
  }

  /** The next request to `path` is answered with this status and sentence; with `stored`, after the message was stored in silence. */
  refuseNext(path, status, error, { stored = false } = {}) {
    this.#refusals.push({ path, status, error, stored });
  }

  /** The answer to the next request to `path` is made at once and sent late. Result: a function that sends it. */
  delayNext(path) {
    let release;
    const until = new Promise((resolve) => (release = resolve));
    this.#delays.push({ path, until });
    return release;
  }

  cutStreams() {
    for (const stream of this.#streams) stream.response.destroy();
    this.#streams.clear();
  }

  openStreams() {
    return this.#streams.size;
  }

  /** The bodies of the requests to `path`, in order. */
  bodies(path) {
    return this.requests.filter((request) => request.path === path && request.method === 'POST').map((request) => request.body);
  }

  count(path) {
    return this.requests.filter((request) => request.path === path).length;
  }

  async #answer(request, response) {
    const { pathname: path, searchParams: query } = new URL(request.url, 'http://fake');
    response.setHeader('content-security-policy', policy);
    response.setHeader('x-content-type-options', 'nosniff');
    if (files[path]) return this.#sendFile(response, ...files[path]);
    const asset = /^\/assets\/(\w+\.(css|js|svg))$/.exec(path);
    if (asset) return this.#sendFile(response, asset[1], types[asset[2]]);
    const raw = await readBody(request);
    const body = path === '/api/files' ? undefined : raw && JSON.parse(raw);
    this.requests.push({ method: request.method, path, query: Object.fromEntries(query), body });
    const delay = this.#take(this.#delays, path);
    const reply = async (status, value) => {
      const text = JSON.stringify(value);
      await delay?.until;
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    };
    if (this.sessionGone) return reply(401, { error: 'Please sign in.' });
    const refusal = this.#take(this.#refusals, path);
    if (refusal && !refusal.stored) return reply(refusal.status, { error: refusal.error });
    const chat = query.get('chat') ?? body?.chat ?? 'main';
    const route = { '/api/state': () => this.#state(chat), '/api/messages': () => this.#older(chat, Number(query.get('before'))),
      '/api/actions': () => ({}), '/api/search': () => this.hits, '/api/why': () => ({ text: 'Because.', html: '<p>Because.</p>' }) }[path];
    if (path === '/api/files' && request.method === 'DELETE') return response.writeHead(204).end();
    if (path === '/api/files' && request.method === 'POST') return reply(200, this.#takePiece(query, raw));
    if (path.startsWith('/api/files/') || path.startsWith('/api/diff/')) return this.#sendProjectFile(response, decodeURIComponent(path.slice(5)));
    if (path.startsWith('/api/chats/')) return this.#changeChat(response, request.method, path.slice('/api/chats/'.length), body);
    if (path === '/api/events') return this.#openStream(request, response);
    if (path === '/api/messages' && request.method === 'POST') {
      const stored = this.#accept(chat, body, Boolean(refusal));
      return refusal ? reply(refusal.status, { error: refusal.error }) : reply(200, { id: stored.id });
    }
    return route ? reply(200, route()) : reply(404, { error: 'There is nothing here.' });
  }

  #take(list, path) {
    const index = list.findIndex((item) => item.path === path);
    return index < 0 ? undefined : list.splice(index, 1)[0];
  }

  #takePiece(query, raw) {
    const id = query.get('file') ?? `f${this.uploads.length}`.padEnd(32, '0');
    if (!query.get('file')) this.uploads.push({ id, name: query.get('name'), body: '' });
    const upload = this.uploads.find((known) => known.id === id);
    upload.body += raw;
    return { file: id, size: upload.body.length };
  }

  #sendProjectFile(response, name) {
    const file = this.files.get(name.replace(/^files\//, ''));
    if (!file) return response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ error: 'There is nothing here.' }));
    return response.writeHead(200, { 'content-type': file.type }).end(file.body);
  }

  #changeChat(response, method, chat, body) {
    if (method === 'GET') return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ reminders: this.reminders.get(chat) ?? 0 }));
    if (method === 'PATCH') this.titles.set(chat, body.title);
    if (method === 'DELETE') this.chats.delete(chat);
    response.writeHead(204).end();
    if (method === 'DELETE') this.send({ type: 'deleted' }, chat);
    this.send({ type: 'chats', chats: this.chatList() }, chat);
  }

  #accept(chat, { id, text, files }, silent) {
    const known = this.messages(chat).find((message) => message.key === id);
    const sent = (files ?? []).map((file) => this.uploads.find((upload) => upload.id === file));
    const message = { author: 'user', text, key: id, files: sent.map(({ name, body }) => ({ name, size: body.length })) };
    return known ?? (silent ? this.store(message, chat) : this.say(message, chat));
  }

  #state(chat) {
    const messages = this.messages(chat);
    return {
      demo: this.demo, version: '0.1.0', model: 'claude-haiku-4-5', chat, examples: this.examples, chats: this.chatList(),
      messages: messages.slice(-pageSize), more: messages.length > pageSize, thinking: this.thinking,
      commands: this.commands, projects: this.projects, waiting: this.waiting, max_file: this.maxFile, now: Date.now() + this.aheadMs, me: 'local',
    };
  }

  chatList() {
    return [...this.chats].filter(([, messages]) => messages.length).map(([id, messages]) => ({
      id, title: this.titles.get(id) ?? messages.find((message) => message.author === 'user')?.text.slice(0, 60) ?? 'New chat', updated: messages.at(-1).time,
      said_last: messages.at(-1).author === 'assistant' ? messages.at(-1).id : null,
    })).sort((a, b) => b.updated - a.updated);
  }

  #older(chat, before) {
    const older = this.messages(chat).filter((message) => message.id < before);
    return { messages: older.slice(-pageSize), more: older.length > pageSize };
  }

  #openStream(request, response) {
    const stream = { response };
    this.#streams.add(stream);
    response.on('close', () => this.#streams.delete(stream));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
  }

  async #sendFile(response, name, type) {
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(await readFile(new URL(name, web)));
  }
}

async function readBody(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

/** A conversation that shows everything the page can show. */
export function fillWithSample(fake) {
  const minute = 60000;
  const start = Date.now() - 26 * 60 * minute;
  const code = 'from flask import Flask, jsonify, request\n\napp = Flask(__name__)\ntasks = {}\n\n\n@app.get(&quot;/tasks&quot;)\n' +
    'def list_tasks():\n    return jsonify(sorted(tasks.values(), key=lambda task: task[&quot;created&quot;], reverse=True))\n';
  fake.examples.push({ label: 'Compare databases', text: 'Compare SQLite and PostgreSQL for a small web shop and write me a report' },
    { label: 'Look up a project', text: 'how far is the task API?' });
  fake.store({ author: 'user', text: 'good morning, what can you do?', time: start });
  fake.store({ time: start + minute, html: '<p>Good morning! I answer quick questions myself, and hand <strong>bigger work</strong> to a specialist. ' +
    'See <a href="https://example.org/">how it works</a>.</p><ul><li>look things up</li><li>draft a mail</li><li>build software, in a project folder</li></ul>' });
  fake.store({ author: 'user', text: 'build me a small REST API for tasks in Python', time: Date.now() - 40 * minute });
  fake.store({ time: Date.now() - 39 * minute, dispatch: { id: 'd-17', slug: 'task-api', state: 'finished', outcome: 'success' },
    html: `<p>The task API is ready: <code>app.py</code> with four endpoints, and its tests pass.</p><pre><code class="language-python">${code}</code></pre>` +
      '<table><thead><tr><th>Method</th><th>Path</th><th>Does</th></tr></thead><tbody><tr><td>GET</td><td><code>/tasks</code></td><td>lists the tasks, newest first</td></tr>' +
      '<tr><td>POST</td><td><code>/tasks</code></td><td>adds one</td></tr></tbody></table><blockquote><p>Start it with <code>flask run</code>.</p></blockquote>' });
  fake.store({ author: 'user', text: 'Compare SQLite and PostgreSQL for a small web shop and write me a report', time: Date.now() - 3 * minute });
  fake.store({ time: Date.now() - 2 * minute, html: '<p>Shall I give this to the specialist? It would write the report in the project <code>db-report</code>.</p>',
    actions: [{ id: 'yes', label: 'Yes', style: 'primary' }, { id: 'no', label: 'No', style: 'plain' }] });
  fake.store({ time: Date.now() - minute, html: '<p>Reading the project, then writing <code>report.md</code></p><ul><li>Read CLAUDE.md</li><li>Write report.md</li></ul>',
    dispatch: { id: 'd-18', slug: 'db-report', state: 'running', outcome: null }, actions: [{ id: 'cancel', label: 'Cancel', style: 'danger' }] });
  fake.store({ author: 'user', text: 'Draft a polite reminder for the March invoice', time: start - 50 * 60 * minute }, 'a1b2c3');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fake = await FakeServer.start(Number(process.env.PORT ?? 0));
  fillWithSample(fake);
  console.log(fake.url);
}
