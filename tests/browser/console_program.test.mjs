// The console of the real program: thresholds whose projection is that of the shell, a person who is let in, a delivery of which
// nobody knows whether it arrived, fifty reviews by the keyboard, and what a role may not. The parts of Telegram and of a program that
// takes webhooks are played by a few lines below.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, until, watchComplaints } from './browser.mjs';
import { ModelServer, say, use } from './model_server.mjs';
import { missing, Program, program } from './program.mjs';

const TOKEN = '123456:token-of-the-test';
const SECRET = 'secret_of_the_test';
const hostile = 'Dana <img src=x onerror="window.hurt=1"><script>window.hurt=1</script>';

const kOpsKey = Buffer.from('a key of twenty-four byte');
const kTurns = 50;

const configuration = (model, port, ops) => `
[server]
listen = "127.0.0.1:0"
[secretary]
model = "scripted"
base_url = "${model}"
api_key = "file:key"
[dispatch]
projects_dir = "projects"
[admin]
password = "file:admin.secret"
operator_password = "file:operator.secret"
viewer_password = "file:viewer.secret"
[routing.user."tg:77"]
rule = "always_ask"
[budget]
usd_per_day = 20.0
[chat.tg]
platform = "telegram"
token = "file:token"
secret = "file:secret"
transport = "webhook"
api_base_url = "http://127.0.0.1:${port}"
[chat.ops]
platform = "webhook"
secret = "file:ops.secret"
callback_url = "http://127.0.0.1:${ops}/"
`;

/** A program with an own chat: takes what the bot sends to it. */
class Ops {
  /** The ids of the answers that came, by chat. */
  answers = new Map();

  async start() {
    this.server = createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) text += piece;
      const call = JSON.parse(text);
      if (call.type === 'message') this.answers.set(call.chat_id, request.headers['webhook-id']);
      response.writeHead(200).end();
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.server.address().port;
  }

  async post(base, body) {
    const id = `t-${body.message_id}`;
    const text = JSON.stringify(body);
    const at = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', kOpsKey).update(`${id}.${at}.${text}`).digest('base64');
    const response = await fetch(`${base}/webhooks/ops`, { method: 'POST', body: text,
      headers: { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` } });
    assert.equal(response.status, 200, await response.text());
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Takes the bot's calls. */
class Telegram {
  /** The methods of its API that were called, in order. */
  calls = [];
  /** How many of the next files are taken without an answer. */
  cut = 0;
  #last = 100;

  async start() {
    this.server = createServer(async (request, response) => {
      for await (const piece of request) void piece;
      const method = request.url.split('/').at(-1);
      this.calls.push(method);
      if (method === 'sendDocument' && this.cut > 0) {
        this.cut -= 1;
        return request.socket.destroy();
      }
      const result = method === 'getMe' ? { id: 1, is_bot: true, first_name: 'Frontdesk', username: 'frontdesk_bot' } : { message_id: ++this.#last, chat: { id: 77, type: 'private' } };
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, result }));
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.server.address().port;
  }

  count(method) {
    return this.calls.filter((called) => called === method).length;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe('the console of the program', { skip: missing, concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-console-'));
  const config = join(folder, 'frontdesk.toml');
  const telegram = new Telegram();
  const ops = new Ops();
  let child;
  let model;
  let browser;
  let base;
  let updates = 0;

  before(async () => {
    for (const role of ['admin', 'operator', 'viewer']) writeFileSync(join(folder, `${role}.secret`), `${role} correct horse battery\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'token'), TOKEN, { mode: 0o600 });
    writeFileSync(join(folder, 'secret'), SECRET, { mode: 0o600 });
    writeFileSync(join(folder, 'key'), 'a-key-of-the-test\n', { mode: 0o600 });
    model = await ModelServer.start();
    // More than the service takes as messages, so that the rest goes as a file, which cannot be looked up afterwards.
    model.secretary.essay = [say('All of it, at length. '.repeat(1500))];
    model.secretary.compare = [use('dispatch', { action: 'run', slug: 'report', description: 'A report', prompt: 'compare', confidence: 'medium', reason: 'work' })];
    writeFileSync(join(folder, 'ops.secret'), `whsec_${kOpsKey.toString('base64')}`, { mode: 0o600 });
    writeFileSync(config, configuration(model.url, await telegram.start(), await ops.start()));
    child = new Program(folder, ['serve', '--config', config]);
    base = new URL(await child.address()).origin;
    browser = await launch();
  }, { timeout: 120000 });
  after(async () => {
    await browser?.close();
    await child?.stop();
    telegram.stop();
    ops.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Dana writes to the bot. */
  async function write(text) {
    updates += 1;
    const from = { id: 77, is_bot: false, first_name: hostile };
    const response = await fetch(`${base}/webhooks/tg`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': SECRET },
      body: JSON.stringify({ update_id: updates, message: { message_id: updates, date: Math.floor(Date.now() / 1000), text, from, chat: { id: 77, type: 'private', first_name: hostile } } }),
    });
    assert.equal(response.status, 200);
  }

  /** Runs with the console open as that user. */
  async function as(name, section, run, allow = []) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    const complaints = watchComplaints(page, { allow: [401, ...allow] });
    try {
      await page.goto(`${base}/admin/${section}`);
      await page.getByLabel('Password').fill(`${name} correct horse battery`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('Live', { exact: true }).waitFor();
      await run(page);
      assert.equal(await page.evaluate(() => window.hurt), undefined);
      assert.deepEqual(complaints, []);
    } catch (error) {
      const shown = await page.locator('body').innerText({ timeout: 2000 }).catch(() => '(nothing)');
      throw new Error(`${error.message}\n--- the page shows\n${shown}\n--- complaints\n${complaints.join('\n')}\n--- the program's log\n${child.log}`, { cause: error });
    } finally {
      await context.close();
    }
  }

  const shell = (...args) => JSON.parse(execFileSync(program, [...args, '--config', config, '--json'], { cwd: folder, env: { ...process.env, HOME: folder }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const step = (name, run) => test(name, { timeout: 120000 }, run);
  const slider = (page, name) => page.getByRole('slider', { name, exact: true });

  step('a person who waits is let in, and only by who may', async () => {
    await write('hello');
    await until('the person was shown a code', () => telegram.count('sendMessage') > 0);
    await as('operator', 'people', async (page) => {
      const letIn = page.getByRole('button', { name: /^Let in Dana/ });
      assert.equal(await letIn.getAttribute('aria-disabled'), 'true');
      const token = await page.locator('meta[name="csrf-token"]').getAttribute('content');
      const status = await page.evaluate(async (csrf) => (await fetch('/api/v1/pairing/tg:77', { method: 'POST', headers: { 'content-type': 'application/json', 'X-CSRF-Token': csrf }, body: '{"admit":true}' })).status, token);
      assert.equal(status, 403);
    }, [403]);
    await as('admin', 'people', async (page) => {
      await page.getByText(hostile).first().waitFor();
      await page.getByRole('button', { name: /^Let in Dana/ }).click();
      await page.getByText('Nobody is waiting.').waitFor();
      await page.getByRole('row').filter({ hasText: 'tg:77' }).getByText('paired').waitFor();
    });
  });

  step('a delivery of which nobody knows is sent again, or put away as arrived', async () => {
    telegram.cut = 1;
    await write('write me an essay');
    await until('the file was taken, and nobody knows', () => telegram.count('sendDocument') === 1, 30000);
    await as('admin', 'operations', async (page) => {
      await page.getByRole('button', { name: 'Send again: tg:77' }).click();
      await until('it is sent again', () => telegram.count('sendDocument') === 2);
      await page.getByText('Every delivery is known to have arrived.').waitFor();
      telegram.cut = 1;
      await write('another essay');
      await page.getByRole('button', { name: 'It arrived: tg:77' }).click();
      await page.getByText('Every delivery is known to have arrived.').waitFor();
    });
    assert.equal(telegram.count('sendDocument'), 3, 'what arrived is not sent again');
  });

  step('a question that waits is answered in the console', async () => {
    await write('compare two databases for me');
    await as('operator', 'operations', async (page) => {
      await page.getByRole('button', { name: /^No: / }).click();
      await page.getByText('Nothing waits for a person.').waitFor();
    });
  });

  step('fifty turns are judged by the keyboard alone, and the last verdict is taken back', async () => {
    const all = Array.from({ length: kTurns }, (_, n) => n);
    await Promise.all(all.map((n) => ops.post(base, { type: 'message', message_id: `m-${n}`, chat_id: `c-${n}`, user_id: `u-${n}`, text: `what is ${n} and one?` })));
    await until('all are answered', () => ops.answers.size === kTurns, 60000);
    await Promise.all(all.map((n) => ops.post(base, { type: 'reaction', message_id: `r-${n}`, target: ops.answers.get(`c-${n}`), chat_id: `c-${n}`, user_id: `u-${n}`, emoji: '👎' })));
    await as('operator', 'log', async (page) => {
      const queue = () => page.evaluate(async () => (await fetch('/api/v1/review')).json());
      await until('all wait to be judged', async () => (await queue()).items.filter(({ why }) => why.includes('thumbs_down')).length === kTurns);
      const { remaining } = await queue();
      await page.keyboard.press('Tab');  // the link to the content
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      const title = page.getByRole('heading', { level: 2, name: /^Decision \d+$/ });
      const seen = [];
      for (let n = 0; n < remaining; n += 1) {
        await until('the next turn is there', async () => await title.count() === 1 && !seen.includes(await title.innerText()));
        seen.push(await title.innerText());
        await page.keyboard.press(String(n % 4 + 1));
      }
      await page.getByText('Nothing waits for a verdict.').waitFor();
      await until('all are judged', async () => (await queue()).judged === remaining);
      await page.keyboard.press('u');
      await page.getByRole('heading', { level: 2, name: seen.at(-1), exact: true }).waitFor();
      assert.equal((await queue()).remaining, 1);
      await page.keyboard.press('1');
      await page.getByText('Nothing waits for a verdict.').waitFor();
      await until('it is judged again', async () => (await queue()).remaining === 0);
      const id = seen.at(-1).split(' ')[1];
      const { verdicts } = await page.evaluate(async (number) => (await fetch(`/api/v1/decisions/${number}`)).json(), id);
      const said = verdicts.filter(({ source }) => source === 'said');
      assert.deepEqual(said.map(({ verdict }) => verdict).slice(1), ['withdrawn', 'right']);
      assert.ok(said.every(({ by }) => by === 'operator'));
    });
    execFileSync(program, ['log', 'verify', '--config', config], { cwd: folder, stdio: 'ignore' });
  });

  step('a dragged threshold shows what the shell projects, and saves for who may', async () => {
    await as('viewer', 'routing', async (page) => {
      await page.getByText('In force: ask from 0.35').waitFor();
      const handle = await slider(page, 'Ask from').boundingBox();
      const track = await page.locator('.s-track').boundingBox();
      await page.mouse.move(handle.x + handle.width / 2, track.y + 60);
      await page.mouse.down();
      await page.mouse.move(track.x + track.width * 0.01, track.y + 60, { steps: 8 });
      await page.mouse.up();
      assert.equal(await slider(page, 'Ask from').getAttribute('aria-valuenow'), '0.01');
      await page.locator('[aria-busy="false"] [data-projection]').waitFor();
      const wanted = shell('route', '--what-if', 'ask_at=0.01,dispatch_at=0.75', '--days', '30');
      await until('the page shows the same', async () => {
        const shown = JSON.parse(await page.locator('[data-projection]').getAttribute('data-projection'));
        return ['n', 'answer', 'ask', 'dispatch', 'usd', 'known_mistakes'].every((name) => shown[name] === wanted[name]);
      });
      assert.ok(wanted.n >= 3 && wanted.ask > 0 && wanted.answer < 1, JSON.stringify(wanted));
      const token = await page.locator('meta[name="csrf-token"]').getAttribute('content');
      const refused = await page.evaluate(async (csrf) => {
        const response = await fetch('/api/v1/routing', { method: 'PUT', headers: { 'content-type': 'application/json', 'X-CSRF-Token': csrf }, body: '{"scope":"global","ask_at":0.2,"dispatch_at":0.8,"reason":"x","version":0}' });
        return [response.status, (await response.json()).error];
      }, token);
      assert.deepEqual(refused, [403, 'Your role does not allow this.']);
    }, [403]);
    await as('operator', 'routing', async (page) => {
      await page.getByText('In force: ask from 0.35').waitFor();
      await slider(page, 'Dispatch from').focus();
      for (let n = 0; n < 5; ++n) await page.keyboard.press('ArrowRight');
      await page.getByLabel('Reason for the change').fill(hostile);
      await page.getByRole('button', { name: 'Save for everybody' }).click();
      await page.getByText('dispatch from 0.80 (this console).').waitFor();
      await page.getByText(`“${hostile}” by operator`).waitFor();
      assert.equal(shell('route', 'hello').dispatch_at_from, 'console');
      await page.getByRole('button', { name: 'Undo the change of Everybody, everywhere' }).click();
      await page.getByText('dispatch from 0.75 (the built-in default).').waitFor();
      assert.equal(shell('route', 'hello').dispatch_at, 0.75);
    });
  });

  step('a sentence is tried, and effective settings, budgets and health are the program’s own', async () => {
    await as('admin', 'routing', async (page) => {
      await page.getByLabel('Message').fill('build me a small REST API for tasks in Python');
      await page.getByRole('button', { name: 'Try it' }).click();
      const { p } = shell('route', 'build me a small REST API for tasks in Python');
      await page.getByText(`p = ${p.toFixed(2)}`, { exact: true }).waitFor();
      await page.getByLabel('Chat', { exact: true }).fill('tg:77');
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await page.getByRole('row').filter({ hasText: 'ask_at' }).first().waitFor();
      await page.getByText(/label.*too few|There are no labels yet/).first().waitFor();
      await page.getByRole('link', { name: 'Budgets' }).click();
      await page.getByText(/of \$20\.00/).first().waitFor();
      await page.getByRole('link', { name: 'Health' }).click();
      await page.getByRole('button', { name: 'Run all checks' }).click();
      await page.getByText(/\d+ checks, last run/).waitFor({ timeout: 60000 });
      await page.getByRole('button', { name: 'Run all checks' }).waitFor({ timeout: 60000 });
      await page.getByRole('row').filter({ hasText: 'admin' }).first().waitFor();
    });
  });
});
