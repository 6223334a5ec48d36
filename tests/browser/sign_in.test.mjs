// Signing in with the password, in a real browser, at the real program: what a browser sends along with a form is its own
// affair, and a stand-in would take anything.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { becomes, launch, watchComplaints } from './browser.mjs';
import { missing, Program } from './program.mjs';

const password = 'correct horse battery & staple';

describe('signing in with the password', { skip: missing, concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-sign-in-'));
  let browser;
  let program;
  let context;
  let page;
  let complaints;
  let address;

  before(async () => {
    browser = await launch();
    writeFileSync(join(folder, 'admin.secret'), `${password}\n`);
    writeFileSync(join(folder, 'frontdesk.toml'), '[server]\nlisten = "127.0.0.1:0"\n[secretary]\nprovider = "demo"\n[admin]\npassword = "file:admin.secret"\n[admin.user.ada]\nrole = "viewer"\npassword = "file:ada.secret"\n[admin.user.bob]\nrole = "viewer"\npassword = "file:bob.secret"\nchat = true\n[admin.user.eve]\nrole = "viewer"\npassword = "file:eve.secret"\nchat = true\n');
    for (const name of ['ada', 'bob', 'eve']) writeFileSync(join(folder, `${name}.secret`), `of ${name}: ${password}`);
    program = new Program(folder, ['serve', '--config', join(folder, 'frontdesk.toml')]);
    address = await program.address();
  }, { timeout: 120000 });
  after(async () => {
    await browser?.close();
    await program?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(20000);
    complaints = watchComplaints(page, { allow: [401, 403, 404, 405, 429] });
  });
  afterEach(() => context?.close());

  const signIn = async (words) => {
    await page.getByLabel('Password').fill(words);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  const signInAs = async (name) => {
    await page.getByLabel('Name').fill(name);
    await signIn(`of ${name}: ${password}`);
  };
  const chatIsOpen = () => page.getByRole('textbox', { name: 'Message' }).waitFor();

  test('the right password opens the chat, which lasts over a reload', async () => {
    await page.goto(address);
    await signIn(password);
    await chatIsOpen();
    await page.reload();
    await chatIsOpen();
    assert.deepEqual(complaints, []);
  });

  test('it also opens at another name of the same machine', async () => {
    await page.goto(address.replace('127.0.0.1', 'localhost'));
    await signIn(password);
    await chatIsOpen();
  });

  test('it also opens in a browser that sends no referrer at all', async () => {
    await page.route(address, async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace('content="same-origin"', 'content="no-referrer"');
      await route.fulfill({ response, body, headers: { ...response.headers(), 'referrer-policy': 'no-referrer' } });
    }, { times: 1 });
    await page.goto(address);
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await signIn(password);
    assert.equal((await (await sent).allHeaders()).origin, 'null');
    await chatIsOpen();
  });

  test('a wrong password leads back to the form, which says so, and then the right one is taken', async () => {
    await page.goto(address);
    await signIn('wrong');
    await page.getByText('The name or the password is wrong.').waitFor();
    await signIn(password);
    await chatIsOpen();
  });

  test('somebody with a name comes to the view that a link from elsewhere named, and finds no chat', async () => {
    const view = `${address}admin/decisions?outcome=failed&q=a%20%22b`;
    await page.goto(view);
    await page.getByLabel('Name').fill('ada');
    await signIn(password);
    await page.getByText('The name or the password is wrong.').waitFor();
    await page.getByLabel('Name').fill('ada');
    await signIn(`of ada: ${password}`);
    await page.waitForURL(view);
    assert.match(await page.locator('meta[name="csrf-token"]').getAttribute('content'), /^[0-9a-f]{64}$/);
    // The browser keeps a strict cookie back where another site leads here.
    await page.goto('data:text/html,<p>elsewhere');
    await page.setContent(`<a href="${view.replaceAll('&', '&amp;')}">The failed ones</a>`);
    await page.getByRole('link').click();
    await page.waitForURL(view);
    // The page in between, which asks again, has none.
    await page.locator('meta[name="csrf-token"]').waitFor({ state: 'attached' });
    assert.equal(await page.getByLabel('Password').count(), 0);
    await page.goto(address);
    await page.getByRole('link', { name: 'Open the console' }).click();
    await page.waitForURL(`${address}admin`);
  });

  test('what one person did not send or finish is not the next one\'s, and waits for them', async () => {
    await page.goto(address);
    await signInAs('bob');
    await page.getByText('Signed in as bob').waitFor();
    await page.route('**/api/messages', (route) => route.abort());
    await page.getByRole('textbox', { name: 'Message' }).fill('what day is it, says bob?');
    await page.keyboard.press('Enter');
    await page.getByText('Not sent').waitFor();
    await page.getByRole('textbox', { name: 'Message' }).fill('begun by bob');
    await page.unroute('**/api/messages');
    await page.route('**/api/messages', (route) => route.fulfill({ status: 503, json: { error: 'not yet' } }));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.unroute('**/api/messages');
    await signInAs('eve');
    await page.getByText('Signed in as eve').waitFor();
    await page.getByRole('heading', { name: 'What can I do for you?' }).waitFor();
    await becomes(() => page.getByRole('textbox', { name: 'Message' }).inputValue(), '');
    assert.equal(await page.getByText('says bob').count(), 0);
    await page.getByRole('link', { name: 'Console' }).click();
    await page.waitForURL(/\/admin/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.goto(address);
    await signInAs('bob');
    await page.locator('.message:not(.pending)').getByText('what day is it, says bob?').waitFor();
    await becomes(() => page.getByRole('textbox', { name: 'Message' }).inputValue(), 'begun by bob');
  });

  test('a page that is open from before somebody else signed in sends nothing in their name', async () => {
    await page.goto(address);
    await signInAs('bob');
    await chatIsOpen();
    const other = await context.newPage();
    await other.request.post(`${address}login`, { form: { name: 'eve', password: `of eve: ${password}` }, headers: { origin: new URL(address).origin } });
    await page.getByRole('textbox', { name: 'Message' }).fill('still bob');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'This session has ended' }).first().waitFor();
    await page.reload();
    await page.getByText('Signed in as eve').waitFor();
    await page.getByRole('heading', { name: 'What can I do for you?' }).waitFor();
    assert.equal(await page.getByText('still bob').count(), 0);
  });

  test('a form of another site does not sign in, and the browser shows a page that says why', async () => {
    await page.goto('about:blank');
    await page.setContent(`<form method="post" action="${address}login"><input name="password" value="${password.replace('&', '&amp;')}"><button>Go</button></form>`);
    await page.getByRole('button', { name: 'Go' }).click();
    await page.getByText('The request comes from another site.').waitFor();
    assert.equal(await page.title(), 'Error · Frontdesk');
    await page.goto(address);
    await page.getByLabel('Password').waitFor();
  });

  test('an address where nothing is has a page that leads back', async () => {
    await page.goto(`${address}nothing/here`);
    await page.getByText('There is nothing at this address.').waitFor();
    await page.getByRole('link', { name: 'Back to Frontdesk' }).click();
    await page.getByLabel('Password').waitFor();
  });

  test('too many wrong passwords are answered with a page', async () => {
    await page.goto(address);
    for (let guess = 0; guess < 20 && await page.getByLabel('Password').count() > 0; ++guess) {
      await signIn(`guess ${guess}`);
      await page.waitForLoadState();
    }
    await page.getByText('Too many wrong passwords. Please wait a minute.').waitFor();
    assert.equal(await page.title(), 'Error · Frontdesk');
  });
});
