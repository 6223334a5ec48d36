// The console's frame and the dispatch log in a real browser, against a stand-in for the program (fake_console.mjs).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { becomes, until } from './browser.mjs';
import { consolePage, ids, rows } from './console_pages.mjs';

const { fake, open } = consolePage();

describe('the frame', () => {
  test('says who is signed in, what waits, and leads from section to section', async () => {
    fake.review = fake.items.slice(-3).map((item) => ({ ...item, why: ['random'] }));
    const { page, complaints } = await open('');
    await page.getByRole('heading', { name: 'Log', level: 1 }).waitFor();
    await page.getByText('ada', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Review 3 waiting' }).click();
    await page.getByRole('heading', { name: 'Review', level: 1 }).waitFor();
    assert.match(page.url(), /\/admin\/review$/);
    assert.equal(await page.title(), 'Review · Frontdesk console');
    await page.goBack();
    await page.getByRole('heading', { name: 'Log', level: 1 }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('says that the connection is lost, and catches up when it is back', async () => {
    const { page } = await open('', { allow: ['ERR_'] });
    await rows(page).first().waitFor();
    fake.down = true;
    fake.cutStreams();
    await page.getByText('Connection lost. Reconnecting…').waitFor();
    fake.down = false;
    fake.decide({ text: 'missed meanwhile', summary: 'missed meanwhile' });
    await page.getByText('Live', { exact: true }).waitFor();
    await rows(page).first().getByText('missed meanwhile').waitFor();
  });

  test('keeps the chosen look over a reload', async () => {
    const { page } = await open('');
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.getByRole('button', { name: 'Dark' }).click();
    const dark = await paper();
    assert.notEqual(dark, light);
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    assert.equal(await paper(), dark);
    await page.getByRole('button', { name: 'System' }).click();
    assert.equal(await paper(), light);
  });

  test('says when the session has ended', async () => {
    const { page } = await open('', { allow: [401] });
    fake.routes.set('GET /decisions', () => [401, { error: 'Please sign in again.' }]);
    fake.decide();
    await page.getByRole('alert').filter({ hasText: 'This session has ended' }).waitFor();
  });

  test('says so without a click, where somebody else ended it', async () => {
    const { page } = await open('', { allow: [401] });
    await page.getByText('Live', { exact: true }).waitFor();
    fake.routes.set('GET /me', () => [401, { error: 'Please sign in again.' }]);
    for (let sign = 0; sign < 6; ++sign) fake.alive();
    await page.getByRole('alert').filter({ hasText: 'This session has ended' }).waitFor();
    await page.getByText('Signed out', { exact: true }).waitFor();
  });

  test('is a drawer on a phone, closed by Escape and by a window that has room', async () => {
    const { page } = await open('', { viewport: { width: 360, height: 740 } });
    await page.getByRole('button', { name: 'Navigation' }).click();
    await page.getByRole('link', { name: 'Review' }).waitFor();
    await page.keyboard.press('Escape');
    await until('the drawer is closed', () => page.locator('.side').isHidden());
    await page.getByRole('button', { name: 'Navigation' }).click();
    await page.locator('.backdrop').waitFor();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.locator('.backdrop').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Pause new rows' }).click();
  });

  test('says that the server has ended its stream, and listens again when it is asked to', async () => {
    const { page } = await open('');
    await page.getByText('Live', { exact: true }).waitFor();
    fake.endStreams();
    await page.getByText('does not hear of news any more').waitFor();
    await until('it does not come back by itself', () => fake.openStreams() === 0);
    await page.getByRole('button', { name: 'Listen here' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    await until('it listens', () => fake.openStreams() === 1);
  });

  test('notices a connection that died without a word', async () => {
    const { page } = await open('', { clock: true });
    const streams = fake.openStreams();
    fake.alive();
    await page.clock.fastForward(20_000);
    fake.alive();
    await page.clock.fastForward(20_000);
    await becomes(() => page.locator('.link-state').innerText(), 'Live');
    assert.equal(fake.openStreams(), streams);
    await page.clock.fastForward(30_000);
    await page.getByText('Connection lost. Reconnecting…').waitFor();
    await page.clock.fastForward(2_000);
    await page.getByText('Live', { exact: true }).waitFor();
  });

  test('shows what fails in a section and leaves the rest alone', async () => {
    fake.routes.set('GET /decisions/7', () => [200, { id: 7 }]);
    const { page } = await open('/log/7');
    await page.getByRole('alert').filter({ hasText: 'This part of the page failed' }).waitFor();
    await page.getByRole('link', { name: 'Log', exact: true }).click();
    await rows(page).first().waitFor();
  });
});

describe('the log', () => {
  test('is filtered by what stands in the address, and the address by the fields', async () => {
    const { page, complaints } = await open('/log?outcome=success&person=web:ada');
    await until('only fitting rows are shown', async () => {
      const outcomes = await rows(page).locator('.end .badge').allInnerTexts();
      return outcomes.length > 0 && outcomes.every((text) => text === 'success');
    });
    assert.ok((await rows(page).locator('.whom').allInnerTexts()).every((text) => text.includes('Ada Lovelace')));
    await page.getByRole('combobox', { name: 'Outcome' }).selectOption('error');
    await page.getByRole('searchbox', { name: 'Words' }).fill('invoices');
    await until('the address follows', () => page.url().includes('q=invoices') && page.url().includes('outcome=error'));
    await until('the server is asked for just that', () => fake.requests.some(({ path, query }) => path === '/decisions' && query.q === 'invoices' && query.outcome === 'error' && query.person === 'web:ada'));
    await page.getByRole('button', { name: /Remove filter Person/ }).click();
    assert.ok(!page.url().includes('person='));
    assert.deepEqual(complaints, []);
  });

  test('keeps what each of its views was asked, when another one is looked at', async () => {
    const { page } = await open('/log?outcome=success&q=api');
    await rows(page).first().waitFor();
    await page.getByRole('link', { name: 'Search', exact: true }).click();
    await page.getByRole('searchbox').fill('SQLite');
    await page.locator('mark', { hasText: 'SQLite' }).first().waitFor();
    await page.getByRole('link', { name: 'Decisions', exact: true }).click();
    await until('the filters are back', () => page.url().endsWith('/log?outcome=success&q=api'));
    await becomes(() => page.getByRole('combobox', { name: 'Outcome' }).inputValue(), 'success');
    await page.getByRole('link', { name: 'Search', exact: true }).click();
    await page.locator('mark', { hasText: 'SQLite' }).first().waitFor();
  });

  test('shows what people changed in words, not as JSON', async () => {
    fake.changes = [{ id: 1, at: new Date().toISOString(), by: 'ada', what: 'routing.set', scope: 'global', before: null, after: { ask_at: 0.35, prices: { question: 0.1 }, dispatch_at: null }, reason: 'fewer questions' }];
    const { page } = await open('/log/changes');
    const row = page.getByRole('row').filter({ hasText: 'fewer questions' });
    assert.match((await row.innerText()).replaceAll(/\s+/g, ' '), /routing: set global – ask at 0\.35 prices question 0\.1 fewer questions/);
    assert.doesNotMatch(await row.innerText(), /[{}"]/);
  });

  test('exports exactly what is shown', async () => {
    const { page } = await open('/log?outcome=blocked&sort=-usd&p_min=0.5');
    for (const kind of ['CSV', 'JSONL']) {
      const link = new URL(await page.getByRole('link', { name: kind, exact: true }).getAttribute('href'), fake.url);
      assert.equal(link.pathname, `/api/v1/export.${kind.toLowerCase()}`);
      assert.deepEqual(Object.fromEntries(link.searchParams), { outcome: 'blocked', sort: '-usd', p_min: '0.5' });
    }
  });

  test('is sorted by a click on the head of a column', async () => {
    const { page } = await open('');
    await rows(page).first().waitFor();
    await page.getByRole('columnheader', { name: 'Cost' }).getByRole('button').click();
    await until('the dearest comes first', async () => (await rows(page).first().locator('.cost').innerText()) === '$1.27');
    assert.equal(await page.getByRole('columnheader', { name: 'Cost' }).getAttribute('aria-sort'), 'descending');
    assert.match(page.url(), /sort=-usd/);
  });

  test('shows older rows page by page', async () => {
    const { page } = await open('');
    await until('a page is shown', async () => (await rows(page).count()) === 50);
    await page.getByRole('button', { name: 'Show older' }).click();
    await until('two pages are shown', async () => (await rows(page).count()) === 100);
    const shown = await ids(page);
    assert.deepEqual(shown, [...shown].sort((a, b) => b - a));
    assert.equal(new Set(shown).size, 100);
  });

  test('says why no older rows came, also when new ones come meanwhile', async () => {
    const { page } = await open('', { allow: [503] });
    await rows(page).first().waitFor();
    const answer = fake.answerOf.bind(fake);
    fake.answerOf = (call) => (call.query.cursor ? [503, { error: 'The database is locked.' }] : answer(call));
    await page.getByRole('button', { name: 'Show older' }).click();
    const problem = page.getByRole('alert').filter({ hasText: 'The database is locked.' });
    await problem.waitFor();
    await page.evaluate(() => scrollTo({ top: 0 }));
    await page.mouse.move(5, 5);
    const fresh = fake.decide();
    await until('the new row is there', async () => (await ids(page))[0] === fresh.id);
    assert.ok(await problem.isVisible());
    fake.answerOf = answer;
    await page.getByRole('button', { name: 'Show older' }).click();
    await until('two pages are shown', async () => (await rows(page).count()) > 100);
    assert.equal(await problem.count(), 0);
  });

  test('takes new rows in at once, but holds them back while a person reads', async () => {
    const { page } = await open('');
    await rows(page).first().waitFor();
    await page.mouse.move(5, 5);
    const first = fake.decide();
    await until('the new row is there', async () => (await ids(page))[0] === first.id);
    await rows(page).nth(3).locator('.row-link').focus();
    fake.decide();
    const last = fake.decide();
    await page.getByRole('button', { name: '2 new' }).waitFor();
    assert.equal((await ids(page))[0], first.id);
    await page.getByRole('button', { name: '2 new' }).click();
    assert.equal((await ids(page))[0], last.id);
    assert.equal(await page.getByRole('button', { name: /new$/ }).count(), 0);
  });

  test('holds new rows back when told to, and still shows what became of the others', async () => {
    const { page } = await open('');
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'Pause new rows' }).click();
    await page.mouse.move(5, 5);
    const newest = fake.items.at(-1);
    newest.outcome = 'timeout';
    fake.decide();
    await page.getByRole('button', { name: '1 new' }).waitFor();
    await becomes(() => rows(page).first().locator('.badge').innerText(), 'timeout');
  });

  test('keeps up with turns that never stop, and does not ask for each', async () => {
    const { page } = await open('');
    await rows(page).first().waitFor();
    await page.mouse.move(5, 5);
    const before = fake.count('/decisions');
    const flood = setInterval(() => fake.decide(), 40);
    try {
      await until('new rows come in while more are made', async () => (await ids(page))[0] > 145);
    } finally {
      clearInterval(flood);
    }
    await until('the last one is there', async () => (await ids(page))[0] === fake.items.at(-1).id);
    assert.ok(fake.count('/decisions') - before < fake.items.length - 140, 'fewer requests than turns');
  });

  test('is walked through and opened by the keyboard, and leads back to the same row', async () => {
    const { page } = await open('/log?outcome=success');
    await rows(page).first().locator('.row-link').focus();
    for (const key of ['j', 'ArrowDown', 'ArrowDown', 'k']) await page.keyboard.press(key);
    const id = String((await ids(page))[2]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Decision ${id}` }).waitFor();
    await page.getByRole('link', { name: '← Back to the log' }).click();
    await until('the focus is on that row', () => page.evaluate((row) => document.activeElement?.closest('tr')?.dataset.id === row, id));
    assert.match(page.url(), /outcome=success/);
  });

  test('says what is wrong with a filter', async () => {
    fake.routes.set('GET /decisions', () => [400, { error: 'There is no outcome "x".' }]);
    const { page } = await open('/log?outcome=x', { allow: [400] });
    await page.getByRole('alert').filter({ hasText: 'There is no outcome "x".' }).waitFor();
  });

  test('sums up by person, chat and day, and leads from a sum to its rows', async () => {
    const { page } = await open('/log/totals');
    await page.getByRole('row', { name: /Ada Lovelace/ }).waitFor();
    await page.getByRole('link', { name: 'By day' }).click();
    await page.getByRole('columnheader', { name: 'Day' }).waitFor();
    await page.getByRole('link', { name: 'By chat' }).click();
    await page.getByRole('link', { name: 'Release team' }).click();
    await until('the chat is the filter', () => page.url().includes('chat=tg:-100123'));
  });

  test('finds a word, and who allowed a command', async () => {
    const { page } = await open('/log/search');
    await page.getByRole('searchbox').fill('SQLite');
    await page.locator('mark', { hasText: 'SQLite' }).first().waitFor();
    await page.getByRole('link', { name: 'Approvals' }).click();
    await page.getByRole('row', { name: /pip install flask/ }).first().getByText('web:ada').waitFor();
  });

  test('proves that nothing was changed', async () => {
    const { page } = await open('/log/chain');
    await page.getByText('Nothing has been changed').waitFor();
    assert.equal(await page.getByRole('link', { name: /Prove it/ }).getAttribute('href'), '/api/v1/chain/head');
    await page.getByRole('button', { name: 'Check now' }).click();
    await until('a check was asked for', () => fake.bodies('/chain/verify').length === 1);
    fake.routes.set('GET /chain', () => [200, { rows: 9, head: 'ab', ok: false, checked_at: new Date().toISOString(), first_bad: { table: 'decisions', id: 4, reason: 'its hash differs' } }]);
    await page.reload();
    await page.getByRole('alert').filter({ hasText: 'Row 4 of decisions does not fit: its hash differs' }).waitFor();
  });
});
