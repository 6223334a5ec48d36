// An answer that appears on the page while the model writes it, with the real program and a model that writes when told.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { becomes, launch, until, watchComplaints } from './browser.mjs';
import { missing, Program } from './program.mjs';

/** A server of the Anthropic Messages API; the newest answer is written by write() and end(). */
class Model {
  requests = 0;
  #response;

  async start() {
    this.server = createServer(async (request, response) => {
      for await (const chunk of request) void chunk;
      response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
      this.#response = response;
      this.#send({ type: 'message_start', message: { content: [], usage: { input_tokens: 9, output_tokens: 1 } } });
      this.#send({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
      this.requests += 1;
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  #send(event) { this.#response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`); }
  write(text) { this.#send({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }); }
  fail() {
    this.#send({ type: 'error', error: { type: 'overloaded_error', message: 'as the test wants' } });
    this.#response.end();
  }
  end() {
    this.#send({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } });
    this.#send({ type: 'message_stop' });
    this.#response.end();
  }
  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

describe('an answer that is being written', { skip: missing, concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-stream-'));
  const model = new Model();
  let child;
  let browser;
  let page;
  let complaints;

  before(async () => {
    await model.start();
    writeFileSync(join(folder, 'frontdesk.toml'), `[secretary]\nprovider = "anthropic"\nmodel = "scripted"\nbase_url = "${model.url}"\napi_key = "env:MODEL_KEY"\n`
      + '[dispatch]\nprojects_dir = "projects"\nsandbox = "off"\n');
    child = new Program(folder, ['serve', '--config', join(folder, 'frontdesk.toml'), '--listen', '127.0.0.1:0'], { MODEL_KEY: 'key' });
    const address = await child.address();
    browser = await launch();
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    page.setDefaultTimeout(20000);
    complaints = watchComplaints(page);
    await page.goto(address);
  }, { timeout: 120000 });

  after(async () => {
    await browser?.close();
    await child?.stop();
    await model.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const draft = () => page.locator('article.draft');
  async function ask(text) {
    const before = model.requests;
    await page.getByRole('textbox', { name: 'Message' }).fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
    await until('the model is asked', () => model.requests > before, 20000);
  }

  test('it grows on every open page, and the message takes its place without a jump', { timeout: 60000 }, async () => {
    const second = await page.context().newPage();
    await second.goto(page.url());
    await second.getByRole('textbox', { name: 'Message' }).waitFor();
    await ask('Tell me');
    model.write('**Streams**');
    await draft().locator('strong', { hasText: 'Streams' }).waitFor();
    assert.equal(await draft().getAttribute('aria-busy'), 'true');
    model.write(' come in <img src=x onerror=alert(1)> pieces');
    await second.locator('article.draft').filter({ hasText: 'pieces' }).waitFor();
    assert.equal(await page.locator('article .text img').count(), 0);
    await second.reload();
    await second.locator('article.draft').filter({ hasText: 'Streams come in' }).waitFor();

    await draft().evaluate((article) => { article.dataset.seen = 'before'; });
    model.write('.');
    model.end();
    const answer = page.locator('article.from-assistant[data-id]').filter({ hasText: 'pieces.' });
    await answer.waitFor();
    assert.equal(await answer.getAttribute('data-seen'), 'before');  // the same article, so that nothing jumps
    assert.notEqual(await answer.getAttribute('aria-busy'), 'true');
    assert.notEqual(await page.locator('#log').getAttribute('aria-busy'), 'true');
    for (const shown of [page, second]) {
      await shown.locator('article.from-assistant[data-id]').filter({ hasText: 'pieces.' }).waitFor();
      await becomes(() => shown.locator('article.from-assistant').count(), 1);
      assert.equal(await shown.locator('article.draft').count(), 0);
    }
    await second.close();
  });

  test('it goes away where the model fails, and the next attempt is shown', { timeout: 60000 }, async () => {
    await ask('Again');
    model.write('Half an answer');
    await draft().filter({ hasText: 'Half an answer' }).waitFor();
    const before = model.requests;
    model.fail();
    await draft().waitFor({ state: 'detached' });
    await until('the model is asked again', () => model.requests > before, 20000);
    model.write('A whole answer.');
    model.end();
    await page.locator('article.from-assistant[data-id]').filter({ hasText: 'A whole answer.' }).waitFor();
    assert.equal(await page.getByText('Half an answer').count(), 0);
    assert.deepEqual(complaints, []);
  });
});
