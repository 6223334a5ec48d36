// The real program in demo mode, with the real Claude Code, as a newcomer meets it.
// FRONTDESK_BIN is the program, FRONTDESK_CLAUDE the Claude Code CLI. Everything it writes goes to a temporary folder.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { becomes, launch, until, watchComplaints } from './browser.mjs';
import { claude, missing, Program } from './program.mjs';

const stepMs = 60000;

describe('the program in demo mode', { skip: missing, concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-browser-'));
  const projects = join(folder, 'projects');
  let child;
  let browser;
  let page;
  let complaints;

  before(async () => {
    child = new Program(folder, ['serve', '--demo', '--listen', '127.0.0.1:0'],
      { XDG_DATA_HOME: join(folder, 'data'), DISPATCH_PROJECTS_DIR: projects, DISPATCH_CC_BIN: claude });
    const address = await child.address(stepMs).catch(explain);
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(stepMs);
    complaints = watchComplaints(page);
    await page.goto(address).catch(explain);
  }, { timeout: 3 * stepMs });

  after(async () => {
    await browser?.close();
    await child?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Adds to a failure what is needed to understand it: the page's messages and the program's log. */
  async function explain(error) {
    const shown = await page?.getByRole('log').innerText({ timeout: 2000 }).catch(() => '(no conversation)');
    const found = existsSync(projects) ? readdirSync(projects, { recursive: true }).join('\n  ') : '(no projects folder)';
    throw new Error(`${error.message}\n--- the page shows\n${shown}\n--- the page complains\n${complaints?.join('\n')}\n--- projects\n  ${found}\n--- the program's log\n${child?.log}`,
      { cause: error });
  }

  const step = (name, run) => test(name, { timeout: 3 * stepMs }, () => run().catch(explain));
  const assistant = () => page.locator('article.from-assistant');
  const ask = async (text) => {
    await page.getByRole('textbox', { name: 'Message' }).fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('article.from-user[data-id]').filter({ hasText: text }).last().waitFor();
  };

  /** The messages that came after the newest one of the user. */
  const answers = () => page.locator('article.from-user[data-id]').last().locator('xpath=following-sibling::article[@data-id]');

  /** Waits for the outcome of the last dispatch and wants it to be a success. */
  async function expectDone() {
    const badge = answers().locator('.badge:visible').last();
    await until('the dispatch is finished', async () => await badge.count() > 0 && !['Queued', 'Working'].includes(await badge.innerText()), stepMs);
    await becomes(() => badge.innerText(), 'Done');
  }

  step('the page says that it is a demo and offers examples', async () => {
    await page.getByText('Demo: the answers are scripted.').waitFor();
    await page.locator('#welcome').getByRole('button', { name: 'build me a small REST API for tasks in Python' }).waitFor();
    assert.ok(!page.url().includes('token='), `the token is still in the address: ${page.url()}`);
  });

  step('an example is dispatched, its progress is shown, and the specialist really writes the file', async () => {
    // A demo run may be over before anybody could look, so the page itself notes that the card was at work.
    await page.evaluate(() => {
      window.sawProgress = false;
      const look = () => { window.sawProgress ||= document.querySelector('article.working') !== null; };
      new MutationObserver(look).observe(document.getElementById('log'), { subtree: true, childList: true, attributes: true });
    });
    await page.locator('#welcome').getByRole('button', { name: 'build me a small REST API for tasks in Python' }).click();
    await page.locator('article.card').first().waitFor();
    await expectDone();
    assert.ok(await page.evaluate(() => window.sawProgress), 'no card was ever at work');
    assert.match(await page.locator('article.card').last().innerText(), /task-api/);
    await until('app.py is there', () => existsSync(join(projects, 'task-api', 'app.py')), stepMs);
  });

  step('a small question is answered without a dispatch', async () => {
    const cards = await page.locator('article.card').count();
    await ask('what time is it in Tokyo?');
    await answers().first().waitFor();
    await until('the answer has text', async () => (await answers().last().locator('.text').innerText()).trim().length > 0, stepMs);
    await becomes(() => page.locator('article.card').count(), cards);
  });

  step('a doubtful request is asked about first, and Yes dispatches it', async () => {
    await ask('Compare SQLite and PostgreSQL for a small web shop and write me a report');
    const yes = answers().getByRole('button', { name: 'Yes', exact: true });
    await yes.waitFor();
    assert.ok(await answers().getByRole('button', { name: 'No', exact: true }).isVisible());
    await yes.click();
    await until('a card stands below the question', async () => await answers().locator('.badge:visible').count() > 0, stepMs);
    await expectDone();
    await yes.waitFor({ state: 'detached' });
  });

  step('the history is there after a reload', async () => {
    const before = await page.locator('article[data-id]').count();
    const words = await assistant().last().locator('.text').innerText();
    await page.reload();
    await until('the history is back', async () => await page.locator('article[data-id]').count() === before, stepMs);
    await becomes(() => assistant().last().locator('.text').innerText(), words);
    assert.deepEqual(complaints, []);
  });

  step('SIGTERM ends the program with status 0', async () => {
    const late = new Promise((_, reject) => { setTimeout(() => reject(new Error('The program did not end.')), stepMs).unref(); });
    assert.deepEqual(await Promise.race([child.stop('SIGTERM'), late]), { code: 0, signal: null });
  });
});
