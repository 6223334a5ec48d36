// The console of the real program, in demo mode: what a person sees who signs in, follows a link, judges, and may not.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { violations } from './accessibility.mjs';
import { launch, until, watchComplaints } from './browser.mjs';
import { rows } from './console_pages.mjs';
import { Program, program } from './program.mjs';

const evil = '<img src=x onerror="document.title=1">';

describe('the console of the program', { skip: program ? false : 'FRONTDESK_BIN must name the program', concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-console-'));
  let child;
  let browser;
  let page;
  let origin;
  let complaints;

  const explain = (error) => { throw new Error(`${error.message}\n--- complaints\n${complaints?.join('\n')}\n--- the program's log\n${child?.log}`, { cause: error }); };
  const step = (name, run) => test(name, { timeout: 60000 }, () => run().catch(explain));

  /** A page of its own, signed in, at that place. */
  async function signIn(password, place) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    const opened = await context.newPage();
    opened.setDefaultTimeout(20000);
    await opened.goto(origin + place);
    await opened.getByLabel('Password').fill(password);
    await opened.getByRole('button', { name: 'Sign in' }).click();
    await opened.getByText('Live', { exact: true }).waitFor();
    return opened;
  }

  /** A call as the page makes it. Result: {status, text}. */
  const call = (from, method, path, body) => from.evaluate(async ([how, where, what]) => {
    const headers = { 'content-type': 'application/json', 'x-csrf-token': document.querySelector('meta[name="csrf-token"]').content };
    const response = await fetch(where, { method: how, headers, body: what && JSON.stringify(what) });
    return { status: response.status, text: await response.text() };
  }, [method, path, body]);

  const say = (text) => call(page, 'POST', '/api/messages', { chat: 'main', id: `t-${Math.random()}`, text });

  before(async () => {
    writeFileSync(join(folder, 'admin.secret'), 'correct horse battery');
    writeFileSync(join(folder, 'viewer.secret'), 'only looking at this');
    writeFileSync(join(folder, 'frontdesk.toml'), '[admin]\npassword = "file:admin.secret"\nviewer_password = "file:viewer.secret"\n');
    child = new Program(folder, ['serve', '--demo', '--listen', '127.0.0.1:0', '--config', join(folder, 'frontdesk.toml')],
      { XDG_DATA_HOME: join(folder, 'data'), DISPATCH_PROJECTS_DIR: join(folder, 'projects') });
    origin = new URL(await child.address().catch(explain)).origin;
    browser = await launch();
    page = await signIn('correct horse battery', '/admin/log?action=answer');
    complaints = watchComplaints(page);
  }, { timeout: 120000 });

  after(async () => {
    await browser?.close();
    await child?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  step('signing in leads to the view that the link named', async () => {
    assert.equal(page.url(), `${origin}/admin/log?action=answer`);
    await page.getByText('admin', { exact: true }).first().waitFor();
  });

  step('a turn appears in the log by itself', async () => {
    assert.equal((await say('what time is it in Tokyo?')).status, 200);
    await rows(page).filter({ hasText: 'what time is it in Tokyo?' }).waitFor();
    await say(`who are you? ${evil}`);
    await rows(page).filter({ hasText: evil }).waitFor();
    await page.getByRole('button', { name: /Remove filter Decision/ }).click();
    await until('no filter is left', () => page.url() === `${origin}/admin/log`);
  });

  step('a decision is opened, explained and judged, and the verdict is in the chain', async () => {
    await rows(page).filter({ hasText: 'what time is it in Tokyo?' }).locator('.row-link').click();
    const why = page.getByRole('region', { name: 'Why', exact: true });
    await why.getByText('The secretary answers').waitFor();
    assert.ok(await why.locator('.parts tbody tr').count() > 0, 'each signal has its part');
    await page.getByRole('textbox', { name: 'Note' }).fill(evil);
    await page.getByRole('button', { name: 'Right', exact: true }).click();
    await page.getByRole('region', { name: 'Verdicts' }).getByText(evil).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('link', { name: '← Back to the log' }).click();
    await rows(page).filter({ hasText: 'judged right' }).waitFor();
  });

  step('the export holds what is shown', async () => {
    await page.goto(`${origin}/admin/log`);
    await rows(page).nth(1).waitFor();
    const shown = await rows(page).evaluateAll((list) => list.map((row) => row.dataset.id));
    const href = await page.getByRole('link', { name: 'JSONL' }).getAttribute('href');
    const { text } = await call(page, 'GET', href);
    assert.deepEqual(text.trim().split('\n').map((line) => String(JSON.parse(line).id)), shown);
  });

  step('totals, search and the chain answer', async () => {
    await page.goto(`${origin}/admin/log`);
    await page.getByRole('link', { name: 'Totals' }).click();
    await page.getByRole('row', { name: /web:local|You|local/ }).first().waitFor();
    await page.getByRole('link', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('Tokyo');
    await page.locator('mark', { hasText: 'Tokyo' }).first().waitFor();
    await page.getByRole('link', { name: 'Chain' }).click();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('Nothing has been changed').waitFor();
    for (const view of ['Approvals', 'Changes']) {
      await page.getByRole('link', { name: view }).click();
      await until(`${view} are there`, async () => (await page.locator('main .table, main .empty').count()) > 0);
    }
    assert.deepEqual(complaints, []);
  });

  step('a viewer sees, and is refused by the server whatever the page shows', async () => {
    const viewer = await signIn('only looking at this', '/admin/log');
    await rows(viewer).first().locator('.row-link').click();
    await viewer.getByText('As a viewer you see everything here').waitFor();
    const id = new URL(viewer.url()).pathname.split('/').at(-1);
    for (const [path, body] of [['verdict', { verdict: 'right' }], ['rerun', {}], ['cancel', {}], ['continue', { text: 'x' }]]) {
      assert.equal((await call(viewer, 'POST', `/api/v1/decisions/${id}/${path}`, body)).status, 403, path);
    }
    await viewer.context().close();
  });

  step('signing out ends the session', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    assert.equal((await page.request.get(`${origin}/api/v1/decisions`)).status(), 401);
  });
});
